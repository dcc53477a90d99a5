import { Codec } from '@millrace/core';
import { nuid } from '@nats-io/transport-node';
import { CommandState, StateEntry, WRITER } from '../state/command.state.js';
import { parseWireError, WireError } from '../wire/wire.error.js';

/** What came of a task. */
export type TaskResult =
  | { kind: 'done'; sequence: number; body: Uint8Array }
  | { kind: 'failed'; sequence: number; error: WireError | undefined }
  | { kind: 'cancelled'; sequence: number };

/** How far a task has come. */
export interface TaskProgress {
  /** 0 to 1 */
  readonly fraction: number;
  readonly note: string | undefined;
}

const STATUS = 'Millrace-Status';
const NOTHING = new Uint8Array();

/** A result to be stored. */
export type TaskOutcome =
  { kind: 'done'; body: Uint8Array } | { kind: 'failed'; error: WireError } | { kind: 'cancelled' };

export interface TaskRecordOptions {
  keepMs: number;
  /** The sequence of a result that this one replaces: a failure whose dead letter is replayed. */
  replaces?: number;
}

/** Results and progress of tasks, as they are stored. */
export class TaskRecords {
  constructor(
    private readonly state: CommandState,
    private readonly codec: Codec,
  ) {}

  /** The server is asked once. */
  ensure(): Promise<void> {
    return this.state.ensure();
  }

  /** Stores the task's only result; false where it has one already. */
  async settle(
    id: string,
    outcome: TaskOutcome,
    { keepMs, replaces = 0 }: TaskRecordOptions,
  ): Promise<boolean> {
    const headers = { [STATUS]: outcome.kind, [WRITER]: nuid.next() };
    const body = this.bodyOf(outcome);
    const stored = await this.state.write({ kind: 'result', id, body, headers, keepMs, replaces });
    return stored !== undefined;
  }

  async result(id: string): Promise<TaskResult | undefined> {
    const entry = await this.state.read('result', id);
    return entry && this.resultOf(entry);
  }

  async report(id: string, progress: TaskProgress, keepMs: number): Promise<void> {
    await this.state.write({ kind: 'progress', id, body: this.codec.encode(progress), keepMs });
  }

  async progress(id: string): Promise<TaskProgress | undefined> {
    const entry = await this.state.read('progress', id);
    return entry && this.progressOf(entry);
  }

  /** Calls back with what is stored for the task from now on. Returns how to stop. */
  follow(
    id: string,
    heard: { result?: (result: TaskResult) => void; progress?: (progress: TaskProgress) => void },
  ): () => void {
    return this.state.follow(id, (kind, entry) => {
      if (kind === 'result') heard.result?.(this.resultOf(entry));
      else if (kind === 'progress') heard.progress?.(this.progressOf(entry));
    });
  }

  private bodyOf(outcome: TaskOutcome): Uint8Array {
    if (outcome.kind === 'cancelled') return NOTHING;
    return outcome.kind === 'done' ? outcome.body : this.codec.encode(outcome.error);
  }

  private resultOf({ sequence, headers, body }: StateEntry): TaskResult {
    const kind = headers[STATUS];
    if (kind === 'done') return { kind, sequence, body };
    if (kind === 'cancelled') return { kind, sequence };
    return { kind: 'failed', sequence, error: parseWireError(this.decode(body)) };
  }

  private progressOf({ body }: StateEntry): TaskProgress {
    const { fraction, note } = (this.decode(body) ?? {}) as Partial<TaskProgress>;
    return { fraction: Number(fraction), note };
  }

  private decode(body: Uint8Array): unknown {
    try {
      return this.codec.decode(body);
    } catch {
      return undefined;
    }
  }
}

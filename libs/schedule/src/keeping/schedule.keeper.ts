import { errorMessage, InFlightWindow, MillraceConnection } from '@millrace/core';
import { TypedBucket } from '@millrace/storage';
import { Plan, plan, Planned } from '../planning/planner.js';
import { ScheduleRecord } from '../record/schedule.record.js';
import { Agenda } from './agenda.js';
import { Cursor, readCursor } from './cursor.js';
import { OccurrenceWriter } from './occurrence.writer.js';

export interface KeeperParts {
  connection: MillraceConnection;
  bucket: TypedBucket<ScheduleRecord>;
  writer: OccurrenceWriter;
}

/** A schedule that is kept here. */
interface Kept {
  record: ScheduleRecord;
  /** Unknown until it is read, and after somebody else has fired. */
  cursor: Cursor | undefined;
  /** Being planned or fired. */
  busy: boolean;
  /** Has to be looked at once more: it was changed meanwhile. */
  again: boolean;
}

const RETRY_MS = 1000;
/** The server drops requests past ten thousand in its queue. */
const READS_AT_ONCE = 256;

/**
 * Fires what is due, for as long as it is told to. One process of all does, so that the work is not done twice;
 * that no occurrence is stored twice does not rest on it.
 */
export class ScheduleKeeper {
  private readonly kept = new Map<string, Kept>();
  private readonly agenda: Agenda;
  private readonly reads = new InFlightWindow(READS_AT_ONCE);

  constructor(
    private readonly parts: KeeperParts,
    private readonly signal: AbortSignal,
  ) {
    this.agenda = new Agenda(parts.connection.clock, (name) => this.wake(name));
    signal.addEventListener('abort', () => this.agenda.clear(), { once: true });
  }

  /** Keeps the schedules that there are and those to come. Resolves when the signal has aborted. */
  async run(): Promise<void> {
    const { bucket, connection } = this.parts;
    for await (const change of bucket.watch(undefined, { from: 'all', signal: this.signal })) {
      if (change.kind !== 'put') this.drop(change.key);
      else if (change.value) this.keep(change.value);
      else connection.log.error(`The schedule '${change.key}' cannot be read: ${change.error?.message}`);
    }
  }

  private keep(record: ScheduleRecord): void {
    const known = this.kept.get(record.name);
    if (known) known.record = record;
    else this.kept.set(record.name, { record, cursor: undefined, busy: false, again: false });
    if (record.paused) this.agenda.delete(record.name);
    else this.wake(record.name);
  }

  private drop(name: string): void {
    this.kept.delete(name);
    this.agenda.delete(name);
  }

  private wake(name: string): void {
    const kept = this.kept.get(name);
    if (!kept || this.signal.aborted) return;
    if (kept.busy) {
      kept.again = true;
      return;
    }
    kept.busy = true;
    void this.advance(kept).then(() => {
      kept.busy = false;
      if (!kept.again) return;
      kept.again = false;
      this.wake(kept.record.name);
    });
  }

  private async advance(kept: Kept): Promise<void> {
    const { connection } = this.parts;
    try {
      const wakeAt = await this.fireDue(kept);
      if (this.isCurrent(kept) && wakeAt !== undefined) this.agenda.set(kept.record.name, wakeAt);
    } catch (error) {
      kept.cursor = undefined;
      if (!this.isCurrent(kept)) return;
      connection.log.warn(`The schedule '${kept.record.name}' could not fire: ${errorMessage(error)}`);
      this.agenda.set(kept.record.name, connection.clock.now() + RETRY_MS);
    }
  }

  /** Fires until nothing is due, and says when to look again. */
  private async fireDue(kept: Kept): Promise<number | undefined> {
    const { connection } = this.parts;
    while (this.isCurrent(kept)) {
      const cursor = (kept.cursor ??= await this.read(kept.record.name));
      // As it stands after the reading: it may have been changed meanwhile.
      const { record } = kept;
      const { due, wakeAt }: Plan = plan(record, cursor, connection.clock.now());
      if (due.length === 0) return wakeAt;
      for (const occurrence of due) if (!(await this.fire(kept, record, occurrence))) break;
    }
    return undefined;
  }

  private async read(name: string): Promise<Cursor> {
    await new Promise<void>((resolve) => {
      if (this.reads.tryEnter()) resolve();
      else this.reads.enterWhenFree(resolve);
    });
    try {
      return await readCursor(this.parts.connection, name);
    } finally {
      this.reads.leave();
    }
  }

  /** Whether to go on with the same plan. */
  private async fire(kept: Kept, record: ScheduleRecord, occurrence: Planned): Promise<boolean> {
    if (!kept.cursor || !this.isCurrent(kept) || kept.record !== record) return false;
    const outcome = await this.parts.writer.fire(record, occurrence, kept.cursor);
    kept.cursor = outcome.kind === 'stored' ? outcome.cursor : undefined;
    return outcome.kind === 'stored';
  }

  private isCurrent(kept: Kept): boolean {
    const { name, paused } = kept.record;
    return !this.signal.aborted && this.kept.get(name) === kept && !paused;
  }
}

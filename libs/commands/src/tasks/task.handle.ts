import {
  Duration,
  errorMessage,
  ErrorCode,
  MillraceConnection,
  MillraceError,
  toMillis,
} from '@millrace/core';
import { decodeReply, ReplyContract, validateReply } from '../contracts/command.codec.js';
import { cancelled, timedOut } from '../wire/command.errors.js';
import { fromWireError, HttpExceptions } from '../wire/wire.error.js';
import { Bell } from './bell.js';
import { TaskQueue } from './task.queue.js';
import { TaskProgress, TaskRecords, TaskResult } from './task.records.js';

export interface TaskPorts {
  connection: MillraceConnection;
  queue: TaskQueue;
  records: TaskRecords;
  http: HttpExceptions;
  /** Tells every worker that the task is wanted no more. */
  announceCancel: (id: string) => void;
  keepMs: number;
}

/** For a task whose command's class is not at hand: its reply is not checked. */
export const UNKNOWN_TASK: ReplyContract = { type: 'The task', reply: undefined };

/** In case the news of a result is missed, which is a plain message. */
const LOOK_AGAIN_MS = 2000;

/** A dispatched command, in this process or any other. */
export class TaskHandle<R = unknown> {
  constructor(
    /** Give it to `bus.handle` to get hold of the task again. */
    readonly id: string,
    private readonly contract: ReplyContract,
    private readonly ports: TaskPorts,
    /** It was stored a moment ago: the first time, it need not be looked for in the queue. */
    private isNew = false,
  ) {}

  /**
   * The reply, as soon as the task is done; whoever asks, and how often. Default: waits as long as it takes.
   * @throws what the handler threw on its last attempt, as `execute` does; MillraceError `COMMAND_CANCELLED`,
   * `COMMAND_TIMEOUT` (the task goes on), `TASK_UNKNOWN`.
   */
  async result({ timeout, signal }: { timeout?: Duration; signal?: AbortSignal } = {}): Promise<R> {
    const timeoutMs = timeout === undefined ? Infinity : toMillis(timeout, 'timeout');
    return this.replyOf(await this.awaitResult(timeoutMs, signal)) as Promise<R>;
  }

  /** Each report of the handler from the newest on, until the task is done. Reports may be skipped, not repeated. */
  async *progress(): AsyncGenerator<TaskProgress, void, undefined> {
    const { records } = this.ports;
    const bell = new Bell();
    let newest: TaskProgress | undefined;
    const unfollow = records.follow(this.id, {
      progress: (progress) => {
        newest = progress;
        bell.ring();
      },
      result: () => bell.ring(),
    });
    try {
      newest ??= await records.progress(this.id);
      for (;;) {
        // First: what was reported before the result is here by then.
        const over = (await this.tryLookUp()) !== undefined;
        const report: TaskProgress | undefined = newest;
        newest = undefined;
        if (report) yield report;
        else if (over) return;
        else await bell.wait(LOOK_AGAIN_MS);
      }
    } finally {
      unfollow();
    }
  }

  /**
   * Gives the task up: nobody begins with it any more, and the signal of whoever is at it aborts.
   * False where it was over before.
   */
  async cancel(): Promise<boolean> {
    const { records, queue, announceCancel, keepMs } = this.ports;
    if (await this.lookUp()) return false;
    // The task's only result: what a handler still comes to is not stored.
    if (!(await records.settle(this.id, { kind: 'cancelled' }, { keepMs }))) return false;
    await queue.remove(this.id);
    announceCancel(this.id);
    return true;
  }

  /** The result; `undefined` while the task waits or is handled. @throws MillraceError `TASK_UNKNOWN` */
  private async lookUp(): Promise<TaskResult | undefined> {
    const { records, queue } = this.ports;
    const known = await records.result(this.id);
    const wasNew = this.isNew;
    this.isNew = false;
    if (known || wasNew) return known;
    if (await queue.holds(this.id)) return undefined;
    // It may have been settled in between.
    const after = await records.result(this.id);
    if (after) return after;
    throw new MillraceError(ErrorCode.TaskUnknown, `There is no task '${this.id}'`, {
      remedy: 'Ask while its result is kept: raise keepResult if that is too short',
      details: { id: this.id },
    });
  }

  // A server that is away, or elects a leader, is asked again.
  private async tryLookUp(): Promise<TaskResult | undefined> {
    try {
      return await this.lookUp();
    } catch (error) {
      if (MillraceError.is(error, ErrorCode.TaskUnknown)) throw error;
      this.ports.connection.log.debug(`Task ${this.id}: ${errorMessage(error)}`);
      return undefined;
    }
  }

  private async awaitResult(timeoutMs: number, signal: AbortSignal | undefined): Promise<TaskResult> {
    const { clock } = this.ports.connection;
    const deadline = clock.monotonic() + timeoutMs;
    const bell = new Bell();
    let heard: TaskResult | undefined;
    const unfollow = this.ports.records.follow(this.id, {
      result: (result) => {
        heard = result;
        bell.ring();
      },
    });
    const giveUp = (): void => bell.ring();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      for (;;) {
        const found: TaskResult | undefined = heard ?? (await this.tryLookUp());
        if (found) return found;
        if (signal?.aborted) throw signal.reason;
        const leftMs = deadline - clock.monotonic();
        if (leftMs <= 0) throw timedOut(this.contract.type, timeoutMs);
        await bell.wait(Math.min(LOOK_AGAIN_MS, leftMs));
      }
    } finally {
      signal?.removeEventListener('abort', giveUp);
      unfollow();
    }
  }

  private async replyOf(result: TaskResult): Promise<unknown> {
    const { type } = this.contract;
    if (result.kind === 'cancelled') throw cancelled(type);
    if (result.kind === 'failed') {
      if (result.error) throw fromWireError(result.error, this.ports.http);
      throw new MillraceError(ErrorCode.CommandFailed, `${type} failed`, { remedy: 'See its dead letter' });
    }
    const { codec } = this.ports.connection;
    return validateReply(this.contract, decodeReply(this.contract, result.body, codec));
  }
}

import { Clock, errorMessage, HeaderMap, Log, TimerHandle } from '@millrace/core';
import { CommandContext } from '../handling/command.context.js';
import { TaskMessage } from './task.message.js';
import { TaskProgress } from './task.records.js';

/** Between two reports of one task; what comes in between replaces what waits. */
const REPORT_EVERY_MS = 100;

export interface TaskContextOptions {
  type: string;
  clock: Clock;
  /** `undefined`: as long as it takes. */
  timeoutMs: number | undefined;
  report: (progress: TaskProgress) => Promise<void>;
  log: Log;
}

/** A task as its handler sees it. */
export class TaskContext extends CommandContext {
  readonly kind = 'task';
  private readonly deadline: number;
  private waiting: TaskProgress | undefined;
  private timer: TimerHandle | undefined;
  private reporting: Promise<void> = Promise.resolve();

  constructor(
    private readonly message: TaskMessage,
    private readonly own: TaskContextOptions,
  ) {
    super();
    this.deadline = own.clock.monotonic() + (own.timeoutMs ?? Infinity);
  }

  get type(): string {
    return this.own.type;
  }

  get headers(): HeaderMap {
    return this.message.headers;
  }

  get attempt(): number {
    return this.message.attempt;
  }

  get signal(): AbortSignal {
    return this.message.signal;
  }

  get remainingMs(): number {
    return this.deadline - this.own.clock.monotonic();
  }

  get idempotencyKey(): string {
    return this.message.id;
  }

  progress(fraction: number, note?: string): void {
    this.waiting = { fraction: Math.min(1, Math.max(0, fraction)), note };
    if (this.timer) return;
    this.send();
    this.timer = this.own.clock.every(REPORT_EVERY_MS, () => this.send());
  }

  /** Sends what waits, and no more. Resolves when all reports are stored. */
  async finish(): Promise<void> {
    this.timer?.cancel();
    this.send();
    await this.reporting;
  }

  // One at a time: a later report must not be overtaken. A task does not fail for a report that is lost.
  private send(): void {
    const { waiting } = this;
    if (!waiting) return;
    this.waiting = undefined;
    this.reporting = this.reporting
      .then(() => this.own.report(waiting))
      .catch((error: unknown) => this.own.log.warn(`${this.type}: progress: ${errorMessage(error)}`));
  }
}

import { Clock, TimerHandle } from '@millrace/core';

/** One occurrence. */
export interface Occurrence {
  /** Which interval since the epoch. */
  tick: number;
  /** The nominal time, milliseconds since the epoch. */
  scheduledFor: number;
}

/**
 * Fires at every whole multiple of the interval since the epoch, so that all replicas name the same times.
 * What came due while it was stopped, or the process was busy, is skipped.
 */
export class Ticker {
  private timer: TimerHandle | undefined;
  private upcoming: Occurrence | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly onTick: (occurrence: Occurrence) => void,
  ) {}

  /** `undefined` while stopped. */
  get next(): Occurrence | undefined {
    return this.upcoming;
  }

  start(): void {
    if (!this.upcoming) this.arm(this.clock.now());
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.upcoming = undefined;
  }

  private arm(after: number): void {
    const tick = Math.floor(after / this.intervalMs) + 1;
    const occurrence = { tick, scheduledFor: tick * this.intervalMs };
    this.upcoming = occurrence;
    this.timer = this.clock.after(occurrence.scheduledFor - this.clock.now(), () => this.fire(occurrence));
  }

  private fire(occurrence: Occurrence): void {
    // A timer may fire a moment early by the wall clock; the same time must not be armed again.
    this.arm(Math.max(this.clock.now(), occurrence.scheduledFor));
    this.onTick(occurrence);
  }
}

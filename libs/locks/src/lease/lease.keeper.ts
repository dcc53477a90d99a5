import { Clock, TimerHandle } from '@millrace/core';

/** Something with a next moment at which it wants to be attended to. */
export interface Kept {
  /** Monotonic milliseconds. */
  readonly dueAt: number;
  attend(): void;
}

/** What is due within this is done in one go. */
const TOGETHER_MS = 20;

/** Attends to every lease of a process with one timer. */
export class LeaseKeeper {
  private readonly kept = new Set<Kept>();
  private timer: TimerHandle | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  add(lease: Kept): void {
    this.kept.add(lease);
    this.arm(lease.dueAt);
  }

  /** The timer stays: who acquires and releases all the time would set it each time. */
  remove(lease: Kept): void {
    this.kept.delete(lease);
  }

  /** To be told when `dueAt` has come closer. */
  hasten(lease: Kept): void {
    if (this.kept.has(lease)) this.arm(lease.dueAt);
  }

  private arm(dueAt: number): void {
    if (dueAt >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = dueAt;
    this.timer = this.clock.after(Math.max(0, dueAt - this.clock.monotonic()), () => this.fire());
  }

  private fire(): void {
    this.armedFor = Number.POSITIVE_INFINITY;
    const until = this.clock.monotonic() + TOGETHER_MS;
    let next = Number.POSITIVE_INFINITY;
    for (const lease of this.kept) {
      if (lease.dueAt <= until) lease.attend();
      if (this.kept.has(lease)) next = Math.min(next, lease.dueAt);
    }
    if (next < Number.POSITIVE_INFINITY) this.arm(next);
  }
}

import { Clock, TimerHandle } from '@millrace/core';

/** Something whose lease runs out unless it is extended. */
export interface Leased {
  /** When the lease was last known to start, by the monotonic clock. */
  leasedAt: number;
  extend(): void;
}

/**
 * Extends the leases of everything at hand, waiting or running, with one timer: `ackWait` runs on the server
 * from the moment of delivery, however long a message waits here for its turn.
 */
export class LeaseKeeper<T extends Leased> {
  private readonly held = new Set<T>();
  private timer: TimerHandle | undefined;
  private readonly stepMs: number;

  constructor(
    ackWaitMs: number,
    private readonly clock: Clock,
  ) {
    this.stepMs = Math.max(10, ackWaitMs / 4);
  }

  get size(): number {
    return this.held.size;
  }

  /** Everything at hand, oldest first. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.held.values();
  }

  add(item: T): void {
    this.held.add(item);
    this.timer ??= this.clock.every(this.stepMs, () => this.extendDue());
  }

  delete(item: T): void {
    this.held.delete(item);
  }

  /** Extends every lease now: after a time in which nothing could be said. */
  extendAll(): void {
    for (const item of this.held) item.extend();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private extendDue(): void {
    const now = this.clock.monotonic();
    for (const item of this.held) {
      if (now - item.leasedAt >= this.stepMs) item.extend();
    }
    if (this.held.size === 0) this.stop();
  }
}

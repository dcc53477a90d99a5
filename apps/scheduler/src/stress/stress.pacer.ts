import { delay } from '@millrace/core';

export interface Pace {
  ratePerSecond: number;
  seconds: number;
}

/** How often it looks what is due. */
const LOOK_MS = 5;

/**
 * Begins units at a fixed rate, whatever becomes of those before: a system that answers slowly is sent no fewer, and
 * its latencies count from when a unit was due, not from when there was time for it (no coordinated omission).
 */
export class StressPacer {
  private startedAt = 0;
  readonly total: number;

  constructor(private readonly pace: Pace) {
    this.total = Math.round(pace.ratePerSecond * pace.seconds);
  }

  /** When a unit is due, by `performance.now()`. */
  dueAt(unit: number): number {
    return this.startedAt + (unit * 1000) / this.pace.ratePerSecond;
  }

  /** Calls `begin` for every unit that comes due, until all have or the signal aborts. */
  async run(begin: (unit: number) => void, signal: AbortSignal): Promise<void> {
    this.startedAt = performance.now();
    for (let next = 0; next < this.total && !signal.aborted;) {
      const now = performance.now();
      while (next < this.total && this.dueAt(next) <= now) begin(next++);
      await delay(LOOK_MS, signal);
    }
  }
}

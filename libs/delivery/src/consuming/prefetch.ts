import { Clock } from '@millrace/core';

/** So many messages that are owed put off the request for one more. */
const OWED_FOR_EACH = 4;
/** How much work to keep at hand beside what is being done, in seconds of the rate it is done at. */
const BUFFER_SECONDS = 0.2;
const MEASURE_MS = 100;
/** What may wait here at the most. */
export const MAX_WAITING = 1000;

/** What a replica holds of one consumer's messages. */
export interface Holding {
  /** Messages at hand that a handler has, or will have. */
  readonly busy: number;
  /** Those of them that no handler has yet, and how many may be. */
  readonly waiting: number;
  readonly waitingLimit: number;
  /** Asked for, and not here yet. */
  readonly owed: number;
}

/**
 * How many messages to hold at once, from how fast they are handled. One for each handler that may run, and
 * beside them what is worked off in 0.2 s: many for a handler of microseconds, so that pulling is not the
 * limit; hardly any for one of seconds, so that nothing waits here while another replica is idle.
 */
export class PrefetchGauge {
  private target: number;
  private done = 0;
  private since: number;

  constructor(
    private readonly concurrency: number,
    private readonly clock: Clock,
  ) {
    this.target = concurrency;
    this.since = clock.monotonic();
  }

  get size(): number {
    return this.target;
  }

  /** How much room makes a request worth while: whatever there is, as long as handlers wait for it. */
  get worthwhile(): number {
    return Math.max(1, Math.floor((this.target - this.concurrency) / 2));
  }

  /** How many messages to ask for now; 0 where a request would not be worth while. */
  wanted({ busy, waiting, waitingLimit, owed }: Holding): number {
    const room = Math.min(this.target - busy, waitingLimit - waiting) - owed;
    const worthwhile = Math.min(this.worthwhile, Math.max(1, waitingLimit / 2));
    // While the server owes many there is time: a request for each message would cost as much as the message.
    return room >= Math.max(worthwhile, owed / OWED_FOR_EACH) ? room : 0;
  }

  /** One message was settled. */
  onSettled(): void {
    this.done++;
    // A look at the clock for each message would cost more than it tells.
    if (this.done % 16 !== 0) return;
    const now = this.clock.monotonic();
    const elapsed = now - this.since;
    // A full buffer worked off at once tells the rate early; otherwise a steady window does.
    if (elapsed < MEASURE_MS && this.done < this.target) return;
    const perSecond = (this.done * 1000) / Math.max(elapsed, 1);
    this.target = this.concurrency + Math.min(MAX_WAITING, Math.round(perSecond * BUFFER_SECONDS));
    this.done = 0;
    this.since = now;
  }
}

import { Clock } from '@millrace/core';

/** How much work to keep at hand, in seconds of the rate it is done at. */
const BUFFER_SECONDS = 0.2;
const MEASURE_MS = 100;
/** What one pull may ask for at the most. */
export const MAX_PREFETCH = 1000;

/**
 * How many messages to hold at once, from how fast they are handled: many for a handler of microseconds, so
 * that pulling is not the limit; few for one of seconds, so that other replicas get their share and nothing
 * waits here while its lease runs.
 */
export class PrefetchGauge {
  private target: number;
  private done = 0;
  private since: number;

  constructor(
    private readonly minimum: number,
    private readonly clock: Clock,
  ) {
    this.target = minimum;
    this.since = clock.monotonic();
  }

  get size(): number {
    return this.target;
  }

  /** One message was settled. */
  onSettled(): void {
    this.done++;
    if (this.done % 16 !== 0) return;
    const now = this.clock.monotonic();
    const elapsed = now - this.since;
    // A full buffer worked off at once tells the rate early; otherwise a steady window does.
    if (elapsed < MEASURE_MS && this.done < this.target) return;
    const perSecond = (this.done * 1000) / Math.max(elapsed, 1);
    this.target = Math.round(Math.min(MAX_PREFETCH, Math.max(this.minimum, perSecond * BUFFER_SECONDS)));
    this.done = 0;
    this.since = now;
  }
}

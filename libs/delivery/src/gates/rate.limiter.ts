import { Clock, errorMessage, Log, TimerHandle } from '@millrace/core';
import { RatePolicy } from '../policy/rate.policy.js';
import { Gate } from './gate.js';
import { RateLedger } from './rate.ledger.js';

export interface RateLimiterParts {
  policy: RatePolicy;
  ledger: Pick<RateLedger, 'reserve'>;
  /** As shown in logs. */
  group: string;
  clock: Clock;
  log: Log;
}

const FAILED_MS = 1000;
/** As long as this, at the full rate, lasts what waits here for its turn. */
const BUFFER_MS = 200;

/** Lets a group's handlers begin no more often than all its replicas together may. */
export class RateLimiter implements Gate {
  readonly waitingLimit: number;
  private readonly listeners = new Set<() => void>();
  private granted = 0;
  private grantedUntil = 0;
  private lastGranted = 0;
  private wanted = 0;
  private asking = false;
  private stopped = false;
  private timer: TimerHandle | undefined;

  constructor(private readonly own: RateLimiterParts) {
    const { count, perMs } = own.policy;
    this.waitingLimit = Math.max(1, Math.ceil((count * BUFFER_MS) / perMs));
  }

  admit(wanted: number, waiting: number): number {
    const isInTime = this.own.clock.monotonic() <= this.grantedUntil;
    if (!isInTime) this.granted = 0;
    const admitted = Math.min(wanted, this.granted);
    this.granted -= admitted;
    this.wanted = wanted - admitted;
    if (this.wanted > 0) this.ask(isInTime ? waiting - admitted : 0);
    return admitted;
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private ask(waiting: number): void {
    if (this.asking || this.stopped) return;
    this.asking = true;
    // What was used up at once is followed by more, so that not each start costs a round trip.
    const portion = Math.min(2 * this.lastGranted, waiting);
    void this.reserve(Math.max(this.wanted, portion)).then((waitMs) => {
      if (this.stopped) return;
      if (waitMs === 0) return this.proceed();
      this.timer = this.own.clock.after(waitMs, () => this.proceed());
    });
  }

  private proceed(): void {
    this.asking = false;
    for (const listener of this.listeners) listener();
  }

  /** How long to wait before anything can begin. */
  private async reserve(wanted: number): Promise<number> {
    const { ledger, group, log } = this.own;
    try {
      const reservation = await ledger.reserve(wanted);
      if (reservation.kind === 'exhausted') return Math.max(1, Math.ceil(reservation.waitMs));
      this.granted = reservation.count;
      this.lastGranted = reservation.count;
      this.grantedUntil = reservation.until;
      return 0;
    } catch (error) {
      log.warn(`${group}: nothing begins, for its rate limit cannot be asked for: ${errorMessage(error)}`);
      return FAILED_MS;
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from './ledger.js';

export interface BackPressureOptions {
  readonly ledger: Pick<Ledger, 'size'>;
  /** So many events may wait to be handled. */
  readonly limit: number;
  /** How long they may wait without any of them being handled. */
  readonly stallMs: number;
  readonly stop: AbortSignal;
}

const POLL_MS = 50;

/**
 * Waits until the apps have caught up: whoever sends no faster than events are handled keeps the backlog, and what the
 * ledger holds of it, bounded.
 * @throws Error where nothing has been handled for too long.
 */
export const backPressure =
  ({ ledger, limit, stallMs, stop }: BackPressureOptions): (() => Promise<void>) =>
  async () => {
    let lowest = ledger.size;
    let movedAt = performance.now();
    while (ledger.size >= limit && !stop.aborted) {
      await delay(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
      if (ledger.size < lowest) movedAt = performance.now();
      lowest = Math.min(lowest, ledger.size);
      if (performance.now() - movedAt > stallMs) {
        throw new Error(`${ledger.size} events wait, and none was handled for ${stallMs / 1000} s`);
      }
    }
  };

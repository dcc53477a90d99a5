import { ACK, Middleware } from '@millrace/delivery';
import { Lock, LockService } from '@millrace/locks';
import { Occurrence } from './occurrence.js';
import { OutcomeRecorder } from './outcome.recorder.js';

/** How long a schedule stays busy whose handler's process is gone without a word. */
const BUSY_TTL = '10s';

/**
 * Skips an occurrence while another of its schedule is being handled, in whatever replica. One that was begun
 * already is not skipped: its retry waits for its turn.
 */
export const skipWhileBusy =
  (locks: LockService, recorder: OutcomeRecorder): Middleware<Occurrence> =>
  (next) =>
  async (occurrence) => {
    const lock = await turnOf(occurrence, locks);
    if (!lock) {
      recorder.record(occurrence, { outcome: 'skipped', durationMs: 0 });
      return ACK;
    }
    try {
      return await next(occurrence);
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  };

const turnOf = (occurrence: Occurrence, locks: LockService): Promise<Lock | undefined> => {
  const name = `schedule:${occurrence.schedule}`;
  return occurrence.attempt === 1
    ? locks.tryAcquire(name, { ttl: BUSY_TTL })
    : locks.acquire(name, { ttl: BUSY_TTL, wait: 'forever', signal: occurrence.signal });
};

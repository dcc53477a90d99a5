import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Repeats `attempt` until it does not throw any more; throws what it last threw when the time is up. */
export const eventually = async <T>(attempt: () => T | Promise<T>, timeoutMs = 15_000): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
};

import { setTimeout as delay } from 'node:timers/promises';
import { stopped } from './activity.js';

/** Resolves when the time is up, or at the signal. */
export const until = async (ms: number | undefined, stop: AbortSignal): Promise<void> => {
  if (ms === undefined) return stopped(stop);
  await delay(ms, undefined, { signal: stop }).catch(() => undefined);
};

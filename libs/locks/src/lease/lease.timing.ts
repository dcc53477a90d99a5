import { configInvalid, toServerSeconds } from '@millrace/core';

/** When a lease must be renewed and how long it may be trusted, from the moment before a write was sent. */
export interface LeaseTiming {
  readonly ttlMs: number;
  /** What the server is told: whole seconds, rounded up. */
  readonly serverTtl: string;
  /** How long the holder believes in the lease. Shorter than the server does. */
  readonly trustMs: number;
  readonly renewAfterMs: number;
}

/** The server knows no finer TTL. */
export const MIN_TTL_MS = 1000;

/**
 * The holder stops believing a tenth of the TTL early (100 ms to 1 s): for clocks that do not run at the same
 * speed, and for the time that its work needs to notice.
 */
const marginOf = (ttlMs: number): number => Math.min(1000, Math.max(100, ttlMs / 10));

/** @throws MillraceError `CONFIG_INVALID` for less than a second. */
export const leaseTiming = (ttlMs: number): LeaseTiming => {
  if (!(ttlMs >= MIN_TTL_MS)) {
    throw configInvalid(`A lease of ${ttlMs} ms is too short`, 'Give a ttl of at least 1s');
  }
  return {
    ttlMs,
    serverTtl: toServerSeconds(ttlMs),
    trustMs: ttlMs - marginOf(ttlMs),
    renewAfterMs: ttlMs / 3,
  };
};

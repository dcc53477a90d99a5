import { configInvalid, Duration, toMillis } from '@millrace/core';

/** How many handlers of a group may begin, in all its replicas together: `count` within any `per`. */
export interface RateLimitOptions {
  count: number;
  /** At least 1 s. */
  per: Duration;
}

export interface RatePolicy {
  readonly count: number;
  readonly perMs: number;
}

const MIN_PER_MS = 1000;

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const ratePolicy = ({ count, per }: RateLimitOptions): RatePolicy => {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw configInvalid(`rateLimit.count is ${count}`, 'Give a whole number of at least 1');
  }
  const perMs = toMillis(per, 'rateLimit.per');
  if (perMs >= MIN_PER_MS) return { count, perMs };
  throw configInvalid(`rateLimit.per is ${perMs} ms`, `Give at least ${MIN_PER_MS} ms, and a count to match`);
};

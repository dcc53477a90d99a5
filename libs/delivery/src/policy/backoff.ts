import { Duration, toMillis } from '@millrace/core';

/** Milliseconds to wait before the next attempt, given how many failed. */
export type Backoff = (failedAttempts: number) => number;

/** The same wait every time. */
export const constant = (wait: Duration): Backoff => {
  const ms = toMillis(wait, 'backoff');
  return () => ms;
};

/** `first`, `2 * first`, `3 * first`, …, `max` at most. */
export const linear = (first: Duration, max: Duration): Backoff => {
  const firstMs = toMillis(first, 'backoff first');
  const maxMs = toMillis(max, 'backoff max');
  return (failedAttempts) => Math.min(maxMs, firstMs * failedAttempts);
};

/** `first`, `2 * first`, `4 * first`, …, `max` at most. */
export const exponential = (first: Duration, max: Duration): Backoff => {
  const firstMs = toMillis(first, 'backoff first');
  const maxMs = toMillis(max, 'backoff max');
  return (failedAttempts) => Math.min(maxMs, firstMs * 2 ** (failedAttempts - 1));
};

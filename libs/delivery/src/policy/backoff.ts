import { Duration, toMillis } from '@millrace/core';

/** Milliseconds to wait before the next attempt, given how many failed. */
export type Backoff = (failedAttempts: number) => number;

export interface ExponentialOptions {
  /**
   * `full`: anything from 0 to the wait, evenly, so that what failed together does not come back together.
   * `none`: the wait itself. Default `full`.
   * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
   */
  jitter?: 'full' | 'none';
  /** From 0 up to but not including 1. Default `Math.random`. */
  random?: () => number;
}

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

/** A random part of `first`, `2 * first`, `4 * first`, …, `max` at most: half of it on average. */
export const exponential = (
  first: Duration,
  max: Duration,
  { jitter = 'full', random = Math.random }: ExponentialOptions = {},
): Backoff => {
  const firstMs = toMillis(first, 'backoff first');
  const maxMs = toMillis(max, 'backoff max');
  const longest: Backoff = (failedAttempts) => Math.min(maxMs, firstMs * 2 ** (failedAttempts - 1));
  return jitter === 'none' ? longest : (failedAttempts) => Math.round(longest(failedAttempts) * random());
};

import { configInvalid, Duration, toMillis } from '@millrace/core';
import { failureMatcher, FailureMatches } from './failure.match.js';

/**
 * When a subscriber stops taking messages because what it depends on is down: once at least `failures` of what
 * one replica handled within `window` failed, and they are at least `ratio` of it.
 */
export interface CircuitBreakerOptions {
  /** Default 5. */
  failures?: number;
  /** From 0 to 1. Default 0.5. */
  ratio?: number;
  /** Default 10 s. */
  window?: Duration;
  /** How long nothing is tried. Default 30 s. */
  openFor?: Duration;
  /** How many messages are tried after that, at once; all must succeed. Default 1. */
  halfOpen?: number;
  /** Which failures count. Default: all but those that no retry can mend. */
  on?: FailureMatches;
}

/** Options with every default in place. */
export interface CircuitPolicy {
  readonly failures: number;
  readonly ratio: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly probes: number;
  readonly counts: (failure: Error) => boolean;
}

const MIN_MS = 10;

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const circuitPolicy = ({
  failures = 5,
  ratio = 0.5,
  window = '10s',
  openFor = '30s',
  halfOpen = 1,
  on = () => true,
}: CircuitBreakerOptions): CircuitPolicy => {
  for (const [name, value] of Object.entries({ failures, halfOpen })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw configInvalid(`circuitBreaker.${name} is ${value}`, 'Give a whole number of at least 1');
  }
  if (!(ratio >= 0 && ratio <= 1)) {
    throw configInvalid(`circuitBreaker.ratio is ${ratio}`, 'Give a part, from 0 to 1');
  }
  return {
    failures,
    ratio,
    windowMs: atLeast(toMillis(window, 'circuitBreaker.window'), 'window'),
    openMs: atLeast(toMillis(openFor, 'circuitBreaker.openFor'), 'openFor'),
    probes: halfOpen,
    counts: failureMatcher(on, 'circuitBreaker.on'),
  };
};

const atLeast = (ms: number, name: string): number => {
  if (ms >= MIN_MS) return ms;
  throw configInvalid(`circuitBreaker.${name} is ${ms} ms`, `Give at least ${MIN_MS} ms`);
};

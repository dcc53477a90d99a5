import { configInvalid } from '@millrace/core';
import { Backoff, exponential } from './backoff.js';

export interface RetryOptions {
  /** How often a message is tried altogether, the first time included. Default 5. */
  attempts?: number;
  /** How long to wait in between. Default `exponential('500ms', '30s')`. */
  backoff?: Backoff;
}

export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: Backoff;
}

/** @throws `CONFIG_INVALID` for fewer than one attempt. */
export const retryPolicy = ({
  attempts = 5,
  backoff = exponential('500ms', '30s'),
}: RetryOptions = {}): RetryPolicy => {
  if (Number.isSafeInteger(attempts) && attempts >= 1) return { attempts, backoff };
  throw configInvalid(`retry.attempts is ${attempts}`, 'Give a whole number of at least 1');
};

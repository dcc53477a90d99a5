import { configInvalid, Duration, toMillis } from '@millrace/core';

export interface BatchOptions {
  /** How many events a batch has at the most. Default 100. */
  max?: number | undefined;
  /** How long the first event of a batch waits for others. Default 50 ms. */
  within?: Duration | undefined;
}

export interface ResolvedBatchOptions {
  max: number;
  withinMs: number;
}

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` */
export const resolveBatchOptions = ({ max = 100, within = '50ms' }: BatchOptions): ResolvedBatchOptions => {
  if (!Number.isSafeInteger(max) || max < 1) {
    throw configInvalid(`max is ${max}`, 'Give a whole number of at least 1');
  }
  return { max, withinMs: toMillis(within, 'within') };
};

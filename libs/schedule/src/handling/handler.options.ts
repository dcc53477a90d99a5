import { configInvalid } from '@millrace/core';
import {
  ConsumerDefaults,
  ConsumerOptions,
  ResolvedConsumerOptions,
  resolveConsumerOptions,
} from '@millrace/delivery';
import { Overlap } from '../planning/schedule.policy.js';
import { scheduleInvalid } from '../schedule.errors.js';

/** How the handler of a schedule is called. */
export interface HandlerOptions extends Omit<
  ConsumerOptions,
  'mode' | 'from' | 'maxAckPending' | 'idempotent'
> {
  /**
   * What becomes of an occurrence that comes due while an earlier one is being handled, in whatever replica:
   * it is handled beside it (`allow`), not at all (`skip`), or after it (`queue`). Default `allow`.
   */
  overlap?: Overlap;
}

export interface ResolvedHandlerOptions extends ResolvedConsumerOptions {
  overlap: Overlap;
}

const OVERLAPS: readonly Overlap[] = ['allow', 'skip', 'queue'];

/** @throws MillraceError `SCHEDULE_INVALID`, `CONFIG_INVALID` or `DURATION_INVALID` */
export const resolveHandlerOptions = (
  { overlap = 'allow', ...options }: HandlerOptions,
  defaults: ConsumerDefaults,
  defaultGroup: string,
): ResolvedHandlerOptions => {
  if (!OVERLAPS.includes(overlap)) {
    throw scheduleInvalid(`overlap is '${overlap as string}'`, `Give one of ${OVERLAPS.join(', ')}`);
  }
  const resolved = resolveConsumerOptions(options, defaults, defaultGroup);
  if (overlap === 'allow') return { ...resolved, overlap };
  if (overlap === 'skip' && resolved.concurrency === 1) {
    // It would wait for the one before it, and then find nobody busy.
    throw configInvalid(
      "overlap: 'skip' with a concurrency of 1 queues",
      "Raise it, or say overlap: 'queue'",
    );
  }
  // One unsettled in all replicas together: the server itself holds the others back, retries included.
  return overlap === 'queue'
    ? { ...resolved, overlap, concurrency: 1, maxAckPending: 1 }
    : { ...resolved, overlap };
};

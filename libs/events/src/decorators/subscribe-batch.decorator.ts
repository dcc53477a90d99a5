import { BatchOptions } from '../routing/batch.options.js';
import { SubscribeOptions } from '../routing/subscription.options.js';
import { SubscriptionTarget } from '../routing/subscription.target.js';
import { recordSubscriber } from './subscribe.decorator.js';

export type SubscribeBatchOptions = SubscribeOptions & BatchOptions;

/**
 * Calls the method for several matching events at once: `method(events, @Context() batch)`, `max` at the most,
 * `within` after the first of them came. May be repeated, with a group for each.
 *
 * Returning acknowledges what `batch` has not settled otherwise, event by event; throwing fails it: each of
 * those is delivered again, or goes to the dead letters, by its own count of attempts. An event that cannot be
 * read or breaks its contract goes to the dead letters without being part of a batch.
 *
 * `concurrency` counts batches, and is 1 unless said otherwise; `timeout` is that of a batch. Order per key is
 * refused.
 */
export const SubscribeBatch = (
  target: SubscriptionTarget,
  { max, within, ...options }: SubscribeBatchOptions = {},
): MethodDecorator => recordSubscriber('@SubscribeBatch', { target, options, batch: { max, within } });

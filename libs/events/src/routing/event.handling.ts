import { Clock, configInvalid, whenReady } from '@millrace/core';
import { ACK, Batch, Batcher, BatchItem, ConsumerDefaults, Handler, Outcome } from '@millrace/delivery';
import { resolveBatchOptions } from './batch.options.js';
import { EventMessage } from './event.message.js';
import { SubscriberDefinition } from './subscriber.definition.js';
import { ResolvedOptions, resolveOptions, SubscribeOptions } from './subscription.options.js';

/** What a batch handler gets beside the events: an item for each, in the same order. */
export type EventBatch<T = unknown> = Batch<EventMessage<T>>;
export type EventBatchItem<T = unknown> = BatchItem<EventMessage<T>>;

/** How a subscriber's events are consumed, and what its handler makes of one. */
export interface EventHandling {
  options: ResolvedOptions;
  handler: Handler<EventMessage>;
}

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that make no sense. */
export const handlingOf = (
  definition: SubscriberDefinition,
  defaults: ConsumerDefaults,
  clock: Clock,
): EventHandling => {
  if (definition.batch) return batchHandling(definition, defaults, clock);
  const { handler, defaultGroup } = definition;
  return {
    options: resolveOptions(definition.options, defaults, defaultGroup),
    handler: (message) => whenReady(handler(message.event, message), acknowledged),
  };
};

const acknowledged = (): Outcome => ACK;

const batchHandling = (
  { batch, handler, options: given, defaultGroup }: Extract<SubscriberDefinition, { batch: object }>,
  defaults: ConsumerDefaults,
  clock: Clock,
): EventHandling => {
  if (given.ordered) {
    throw configInvalid('A batch that is ordered', 'Subscribe to single events where order per key matters');
  }
  const { max, withinMs } = resolveBatchOptions(batch);
  // What holds for single events says nothing about batches.
  const options = resolveOptions({ ...given, concurrency: given.concurrency ?? 1 }, defaults, defaultGroup);
  const { concurrency, timeoutMs, policy } = options;
  const batcher = new Batcher<EventMessage>({
    max,
    withinMs,
    concurrency,
    timeoutMs,
    attempts: policy.attempts,
    clock,
    handler: (events) =>
      handler(
        events.items.map(({ message }) => message.event),
        events,
      ),
  });
  return {
    // While some batches are handled, the next one comes together.
    options: { ...options, ...room(given, max * (concurrency + 1), options), timeoutMs: undefined },
    handler: batcher.handle,
  };
};

/** Room for all the events that are to be at hand. */
const room = (
  given: SubscribeOptions,
  events: number,
  { maxAckPending }: ResolvedOptions,
): Pick<ResolvedOptions, 'concurrency' | 'maxAckPending'> => {
  if (given.maxAckPending !== undefined && maxAckPending < events) {
    throw configInvalid(
      `maxAckPending is ${maxAckPending}, and the batches need ${events}`,
      'Raise maxAckPending to max * (concurrency + 1), or leave it out',
    );
  }
  return { concurrency: events, maxAckPending: Math.max(maxAckPending, events) };
};

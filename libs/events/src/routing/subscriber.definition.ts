import { Batch } from '@millrace/delivery';
import { BatchOptions } from './batch.options.js';
import { EventMessage } from './event.message.js';
import { SubscribeOptions } from './subscription.options.js';
import { SubscriptionTarget } from './subscription.target.js';

/** What runs for each event. What it returns is of no consequence; what it throws is. */
export type EventHandler<T = unknown> = (event: T, message: EventMessage<T>) => unknown;

/** What runs for each batch of events; the items of `batch` are those events' messages, in the same order. */
export type EventBatchHandler<T = unknown> = (events: T[], batch: Batch<EventMessage<T>>) => unknown;

interface SubscriberBase {
  target: SubscriptionTarget;
  options: SubscribeOptions;
  defaultGroup: string | undefined;
  /** As shown in errors: `ReceiptSender.send`. */
  label: string;
}

/** A subscriber as plain data: what an explorer finds, or a dynamic subscription declares. */
export type SubscriberDefinition =
  | (SubscriberBase & { handler: EventHandler; batch?: undefined })
  | (SubscriberBase & { handler: EventBatchHandler; batch: BatchOptions });

export { Encrypted, Event, PermanentError, type EventOptions } from '@millrace/core';
export {
  constant,
  exponential,
  linear,
  DeadLetters,
  Groups,
  type Backoff,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterHook,
  type DeadLetterSettings,
  type GroupConsumer,
  type GroupFilter,
  type Handler,
  type InboxSettings,
  type Middleware,
  type Outcome,
  type ErrorClass,
  type ExponentialOptions,
  type FailureMatch,
  type FailureMatches,
  type RetryOptions,
  type RetryOverride,
  type StartFrom,
} from '@millrace/delivery';
export { SubscribeBatch, type SubscribeBatchOptions } from './decorators/subscribe-batch.decorator.js';
export { Subscribe } from './decorators/subscribe.decorator.js';
export { Context } from './decorators/handler-params.js';
export { EventBus } from './event.bus.js';
export { EventsModule, type EventsFeatureAsyncOptions } from './events.module.js';
export { type EventsModuleExtras } from './events.module-definition.js';
export { type EventsFeatureOptions, type EventsModuleOptions } from './events.options.js';
export { type ContextOptions, type DeadLetterOptions } from './provisioning/context.provisioner.js';
export {
  type Publication,
  type PublishHandler,
  type PublishMiddleware,
  type PublishOptions,
  type PublishResult,
} from './publishing/publication.js';
export { Publications, type PublishedEvent } from './publishing/publications.js';
export { StoredEvent } from './reading/stored.event.js';
export { type ReadOptions } from './reading/event.reader.js';
export { EventMessage } from './routing/event.message.js';
export { type BatchOptions } from './routing/batch.options.js';
export { type EventBatch, type EventBatchItem } from './routing/event.handling.js';
export { type EventBatchHandler, type EventHandler } from './routing/subscriber.definition.js';
export { type EventsPlugin } from './routing/events.plugins.js';
export { ReceivedEvent } from './routing/received.event.js';
export { type ReceiveOptions } from './routing/receiver.js';
export { Subscription } from './routing/subscription.js';
export { type SubscribeDefaults, type SubscribeOptions } from './routing/subscription.options.js';
export { type SubscriptionTarget } from './routing/subscription.target.js';

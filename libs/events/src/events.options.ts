import { ClassOf, Duration, ProvisionMode } from '@millrace/core';
import { InboxSettings } from '@millrace/delivery';
import { ContextOptions, DeadLetterOptions } from './provisioning/context.provisioner.js';
import { PublishedEvent } from './publishing/publications.js';
import { EventsPlugin } from './routing/events.plugins.js';
import { SubscribeDefaults } from './routing/subscription.options.js';

export interface EventsModuleOptions extends EventsPlugin {
  /**
   * The events that the bus of this application publishes. Where this is said, here or in any `forFeature`, publishing
   * another one fails with `EVENT_UNDECLARED`; it is what `millrace permissions` goes by. What buckets emit is said
   * in their `events`. Default: any.
   */
  publishes?: readonly PublishedEvent[];
  /** The contexts whose stored events it reads by `bus.read`; others are then `EVENT_UNDECLARED`. Default: any. */
  reads?: readonly string[];
  /** `create` makes and updates streams and consumers, `bind` only checks them. Default `create`. */
  provision?: ProvisionMode;
  /** How many replicas all streams have for which nothing else is said: 1, 3 or 5. Default: as they are, 1 for new ones. */
  replicas?: number;
  /** How each context's events are kept, by context; `'*'` for the others. */
  contexts?: ContextOptions;
  /** For all subscribers that do not say otherwise. */
  defaults?: SubscribeDefaults;
  /** How long, how many and how safe dead letters are kept. */
  deadLetters?: DeadLetterOptions;
  /** What `idempotent` subscribers have handled. */
  inbox?: InboxSettings;
  /** How long handlers may go on after SIGTERM. Default 10 s. */
  shutdownTimeout?: Duration;
}

/** What a module of yours adds. */
export interface EventsFeatureOptions extends EventsPlugin {
  /** Events that this application publishes or wants decoded by pattern subscribers, beside those subscribed to. */
  events?: readonly ClassOf<object>[];
  /** As in {@link EventsModuleOptions}. */
  publishes?: readonly PublishedEvent[];
  /** As in {@link EventsModuleOptions}. */
  reads?: readonly string[];
}

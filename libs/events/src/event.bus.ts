import {
  ClassOf,
  ContractRegistry,
  ErrorCode,
  errorMessage,
  eventContractOf,
  MillraceConnection,
  MillraceError,
  validateEvent,
} from '@millrace/core';
import { compose } from '@millrace/delivery';
import { EventPublisher } from './publishing/event.publisher.js';
import { Publication, PublishHandler, PublishOptions, PublishResult } from './publishing/publication.js';
import { Publications } from './publishing/publications.js';
import { validate } from './publishing/validate.middleware.js';
import { EventReader, ReadOptions } from './reading/event.reader.js';
import { StoredEvent } from './reading/stored.event.js';
import { BatchOptions } from './routing/batch.options.js';
import { EventRouter } from './routing/event.router.js';
import { EventsPlugins } from './routing/events.plugins.js';
import { ReceivedEvent } from './routing/received.event.js';
import { Receiver, ReceiveOptions } from './routing/receiver.js';
import { EventBatchHandler, EventHandler } from './routing/subscriber.definition.js';
import { SubscribeOptions } from './routing/subscription.options.js';
import { Subscription } from './routing/subscription.js';

export interface EventBusParts {
  connection: MillraceConnection;
  registry: ContractRegistry;
  publisher: EventPublisher;
  publications: Publications;
  router: EventRouter;
  receiver: Receiver;
  reader: EventReader;
  plugins: EventsPlugins;
}

/** Publishes events, and subscribes to them without decorators. Inject it by its class. */
export class EventBus {
  private pipeline: PublishHandler | undefined;
  private pipelineSize = -1;

  constructor(private readonly parts: EventBusParts) {}

  /**
   * Publishes one event, an instance of its class. Resolves when JetStream has stored it.
   *
   * While NATS is unreachable it waits and retries under one message id, until the deadline (5 s by default).
   * @throws ContractViolationError `EVENT_INVALID`, before anything is sent.
   * @throws PublishError `PUBLISH_TIMEOUT`, `PUBLISH_NO_STREAM`, `PUBLISH_REJECTED` or `EVENT_TOO_LARGE`; its
   * `mayBeStored` says whether the event may have been stored all the same.
   * @throws MillraceError `CONTRACT_UNKNOWN`, `EVENT_UNDECLARED` or `CONFIG_INVALID`.
   */
  publish(event: object, options?: PublishOptions): Promise<PublishResult>;
  /** Publishes one event by its class and its fields. */
  publish<T extends object>(target: ClassOf<T>, fields: T, options?: PublishOptions): Promise<PublishResult>;
  publish(first: object, second: object = {}, third: PublishOptions = {}): Promise<PublishResult> {
    try {
      const publication =
        typeof first === 'function'
          ? this.prepare(first as ClassOf<object>, second, third)
          : this.prepare(classOf(first), first, second);
      return this.composed()(publication);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Publishes several events at once. All are validated before the first is sent; then each is stored by
   * itself: this is not a transaction (a bucket's `commit` is one).
   * @throws MillraceError `PUBLISH_INCOMPLETE` with the positions of those that were not stored.
   */
  async publishAll(
    events: readonly object[],
    options: Omit<PublishOptions, 'key' | 'messageId'> = {},
  ): Promise<PublishResult[]> {
    for (const event of events) await validateEvent(eventContractOf(classOf(event)), event);
    const results = await Promise.allSettled(events.map((event) => this.publish(event, options)));
    const failed = results.flatMap((result, at) =>
      result.status === 'rejected' ? [{ at, error: result.reason as unknown }] : [],
    );
    if (failed.length > 0) throw incomplete(failed, events.length);
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /**
   * Takes back an event that was published with a `delay` or `at` and is not due yet.
   * @param handle what publishing it resolved with, or its message id.
   * @returns whether it was taken back: `false` where it has come due, was cancelled before, or never was.
   * @throws MillraceError `STORAGE_UNAVAILABLE`, `KEY_INVALID`
   */
  cancel(handle: PublishResult | string): Promise<boolean> {
    return this.parts.publisher.cancel(typeof handle === 'string' ? handle : handle.messageId);
  }

  /** Subscribes at run time; the subscription works when this resolves. `options.group` is required. */
  subscribe<T extends object>(
    target: ClassOf<T> | readonly ClassOf<T>[],
    handler: EventHandler<T>,
    options: SubscribeOptions & { group: string },
  ): Promise<Subscription>;
  /** Subscribes to a pattern, as in `'order.*'` or `'>'`. An event that no class here describes comes as plain data. */
  subscribe(
    pattern: string,
    handler: EventHandler,
    options: SubscribeOptions & { group: string },
  ): Promise<Subscription>;
  subscribe(
    target: ClassOf<object> | readonly ClassOf<object>[] | string,
    handler: EventHandler<never>,
    options: SubscribeOptions & { group: string },
  ): Promise<Subscription> {
    return this.parts.router.open({
      target,
      options,
      defaultGroup: undefined,
      label: `subscription '${options.group}'`,
      handler: handler as EventHandler,
    });
  }

  /** Subscribes at run time to batches of events; see {@link SubscribeBatch}. `options.group` is required. */
  subscribeBatch<T extends object>(
    target: ClassOf<T> | readonly ClassOf<T>[],
    handler: EventBatchHandler<T>,
    options: SubscribeOptions & BatchOptions & { group: string },
  ): Promise<Subscription>;
  subscribeBatch(
    pattern: string,
    handler: EventBatchHandler,
    options: SubscribeOptions & BatchOptions & { group: string },
  ): Promise<Subscription>;
  subscribeBatch(
    target: ClassOf<object> | readonly ClassOf<object>[] | string,
    handler: EventBatchHandler<never>,
    { max, within, ...options }: SubscribeOptions & BatchOptions & { group: string },
  ): Promise<Subscription> {
    return this.parts.router.open({
      target,
      options,
      batch: { max, within },
      defaultGroup: undefined,
      label: `subscription '${options.group}'`,
      handler: handler as EventBatchHandler,
    });
  }

  /** The next event for `group`; `undefined` where none comes within `timeout`. Settle what you receive. */
  receive<T extends object>(
    target: ClassOf<T> | readonly ClassOf<T>[],
    options: ReceiveOptions,
  ): Promise<ReceivedEvent<T> | undefined>;
  receive(pattern: string, options: ReceiveOptions): Promise<ReceivedEvent | undefined>;
  receive(
    target: ClassOf<object> | readonly ClassOf<object>[] | string,
    options: ReceiveOptions,
  ): Promise<ReceivedEvent<never> | undefined> {
    return this.parts.receiver.receive(target, options) as Promise<ReceivedEvent<never> | undefined>;
  }

  /**
   * The stored events of one context, in stored order and a page at a time, of a period by the time they were
   * stored. It belongs to no group: nothing is settled or kept. Of a context without a stream there are none.
   * A replica of a stream that lags a moment behind its leader may answer, so the newest may be missing.
   * @throws MillraceError `STORAGE_UNAVAILABLE`, also in the middle; `CONFIG_INVALID`; the signal's reason.
   */
  read<T extends object>(
    target: ClassOf<T> | readonly ClassOf<T>[],
    options?: ReadOptions,
  ): AsyncGenerator<StoredEvent<T>, void, undefined>;
  read(pattern: string, options?: ReadOptions): AsyncGenerator<StoredEvent, void, undefined>;
  read(
    target: ClassOf<object> | readonly ClassOf<object>[] | string,
    options: ReadOptions = {},
  ): AsyncGenerator<StoredEvent<never>, void, undefined> {
    return this.parts.reader.read(target, options) as AsyncGenerator<StoredEvent<never>, void, undefined>;
  }

  /** The subscriptions at work in this process. */
  subscriptions(): Subscription[] {
    return this.parts.router.list();
  }

  private prepare(target: ClassOf<object>, event: object, options: PublishOptions): Publication {
    const contract = this.parts.registry.register(target);
    this.parts.publications.assertDeclared(contract, options.delay !== undefined || options.at !== undefined);
    return { contract, event, options };
  }

  // Composed anew when a module has added to it: modules add while they start.
  private composed(): PublishHandler {
    const { plugins, publisher, connection } = this.parts;
    if (!this.pipeline || this.pipelineSize !== plugins.publishMiddleware.length) {
      this.pipelineSize = plugins.publishMiddleware.length;
      this.pipeline = compose<PublishHandler>(
        [...plugins.publishMiddleware, validate(connection.log)],
        (publication) => publisher.publish(publication),
      );
    }
    return this.pipeline;
  }
}

const classOf = (event: object): ClassOf<object> => event.constructor as ClassOf<object>;

const incomplete = (failed: readonly { at: number; error: unknown }[], total: number): MillraceError =>
  new MillraceError(
    ErrorCode.PublishIncomplete,
    `${failed.length} of ${total} events were not stored: ${errorMessage(failed[0]?.error)}`,
    {
      remedy: 'Publish those at the listed positions again',
      details: { failed: failed.map(({ at }) => at) },
      cause: new AggregateError(failed.map(({ error }) => error)),
    },
  );

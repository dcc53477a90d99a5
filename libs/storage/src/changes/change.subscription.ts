import { PartHealth, PermanentError, ProvisionMode, replicated, StreamDeclaration } from '@millrace/core';
import {
  ACK,
  compose,
  ConsumerLoop,
  DeadLetterSettings,
  deadLetterStream,
  DeadLetterWriter,
  GroupControl,
  groupStream,
  Handler,
  inboxStream,
  InboxStore,
  logging,
  ManagedConsumer,
  MessageInbox,
  Middleware,
  once,
  timeout,
} from '@millrace/delivery';
import { valueFilter, valueSubject } from '../bucket/bucket.subjects.js';
import { ChangePlan } from '../rights/change.rights.js';
import { KeyFilter, ResolvedFilter, resolveFilter } from '../bucket/key.filter.js';
import { Change, ChangeSource, toChange } from './change.js';
import { ChangeDelivery } from './change.delivery.js';
import { ResolvedChangeOptions } from './change.options.js';
import { changeDeadSubject, replayConsumer } from './change.places.js';
import { replayFilter, replaySpace } from './replay.subject.js';

/** What runs for each change. What it returns is of no consequence; what it throws is. */
export type ChangeHandler = (change: Change<object>, delivery: ChangeDelivery) => unknown;

export interface ChangeSubscriptionParts {
  source: ChangeSource<object>;
  key: KeyFilter | undefined;
  options: ResolvedChangeOptions;
  handler: ChangeHandler;
  /** Tells this replica's own consumer from those of others. */
  replica: string;
  mode: ProvisionMode;
  deadLetters: DeadLetterSettings;
  /** Makes the bucket's streams again, when they were deleted. */
  restore: () => Promise<void>;
  shutdownTimeoutMs: number;
}

/** A replica's own consumer outlives a disconnect of this length. */
const BROADCAST_INACTIVE_MS = 5 * 60_000;
/** What is replayed is rare: it must not take the place of what is new. */
const REPLAY_CONCURRENCY = 1;

interface Part {
  consumer: ManagedConsumer;
  loop: ConsumerLoop<ChangeDelivery>;
}

/** One change handler at work: a consumer of the bucket's stream, and one of what is replayed to its group. */
export class ChangeSubscription {
  private readonly filter: ResolvedFilter;
  private readonly deadLetters: DeadLetterWriter<ChangeDelivery>;
  private readonly control: GroupControl;
  private readonly parts: readonly Part[];

  constructor(private readonly own: ChangeSubscriptionParts) {
    const { source, options, key } = own;
    const { bucket } = source;
    this.filter = resolveFilter(key);
    this.control = new GroupControl({
      connection: source.connection,
      options,
      scope: source.stream,
      restore: () => this.ensureGroups(),
    });
    this.deadLetters = new ChangeDeadLetters(source.connection, deadSubject, () => this.ensureDeadLetters());
    const changes = this.createPart(this.consumerName, this.plan.filter, this.pipeline([]));
    const replays = replayFilter(bucket, options.group);
    this.parts =
      options.mode === 'broadcast'
        ? [changes]
        : [changes, this.createPart(replayConsumer(options.group), replays, this.pipeline([this.forget]))];
  }

  get group(): string {
    return this.own.options.group;
  }

  get bucket(): string {
    return this.own.source.bucket;
  }

  /** Changes waiting or being handled in this replica. */
  get inHand(): number {
    return this.parts.reduce((sum, { loop }) => sum + loop.inHand, 0);
  }

  /** How it fares in this replica. */
  get health(): PartHealth {
    const consumers = this.parts.map(({ consumer }) => consumer);
    return this.control.healthOf(consumers);
  }

  /** What it is, for whoever works out what it needs. */
  get plan(): ChangePlan {
    const { source, options } = this.own;
    const { bucket } = source;
    const { exact } = this.filter;
    const filter = exact === undefined ? valueFilter(bucket) : valueSubject(bucket, exact);
    return { app: source.connection.name, bucket, filter, options };
  }

  /** Makes the consumers. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    const inbox = this.own.options.inboxTtlMs === undefined ? [] : [this.ensureInbox()];
    await Promise.all([this.ensureDeadLetters(), this.ensureGroups(), this.ensureReplays(), ...inbox]);
    await Promise.all(this.parts.map(({ consumer }) => consumer.ensure()));
  }

  /** Begins to take changes. */
  start(): void {
    for (const { loop } of this.parts) loop.start();
  }

  /** Stops here; the group keeps its place, and other replicas go on. */
  async stop(): Promise<void> {
    const { options, shutdownTimeoutMs, source } = this.own;
    await Promise.all(this.parts.map(({ loop }) => loop.stop(shutdownTimeoutMs)));
    for (const { consumer } of this.parts) consumer.stop();
    this.control.stop();
    const connected = source.connection.health.current.state === 'connected';
    if (options.mode === 'broadcast' && connected) {
      // The server removes it by itself after a while; at once is tidier.
      await Promise.allSettled(this.parts.map(({ consumer }) => consumer.remove()));
    }
  }

  private get consumerName(): string {
    const { options, replica } = this.own;
    return options.mode === 'broadcast' ? `${options.group}-${replica}` : options.group;
  }

  private ensureDeadLetters(): Promise<void> {
    const { source, mode, deadLetters } = this.own;
    return source.connection.streams.ensure(deadLetterStream(deadLetters), mode);
  }

  private ensureGroups(): Promise<void> {
    const { source, mode, deadLetters } = this.own;
    return source.connection.streams.ensure(groupStream(deadLetters), mode);
  }

  private ensureInbox(): Promise<void> {
    return this.own.source.connection.streams.ensureOnce(this.inbox, this.own.mode);
  }

  private get inbox(): StreamDeclaration {
    return inboxStream(replicated(this.own.deadLetters.replicas));
  }

  private ensureReplays(): Promise<void> {
    const { source, mode } = this.own;
    const space = replaySpace(source.bucket);
    return source.connection.streams.ensure(
      {
        name: source.stream,
        initial: {},
        required: {},
        merge: ({ subjects }) => (subjects.includes(space) ? {} : { subjects: [...subjects, space] }),
      },
      mode,
    );
  }

  /** Everything around the handler, outermost first. */
  private pipeline(first: readonly Middleware<ChangeDelivery>[]): Handler<ChangeDelivery> {
    const { source, options, handler } = this.own;
    const { connection, toEntry } = source;
    const { timeoutMs } = options;
    const middlewares: Middleware<ChangeDelivery>[] = [
      ...first,
      (next) => (delivery) => (this.wants(delivery) ? next(delivery) : Promise.resolve(ACK)),
      ...this.once(),
      logging(connection.log),
      this.control.retry<ChangeDelivery>(),
      ...this.control.watch<ChangeDelivery>(),
      ...(timeoutMs === undefined ? [] : [timeout<ChangeDelivery>(timeoutMs, connection.clock)]),
    ];
    return compose<Handler<ChangeDelivery>>(middlewares, async (delivery) => {
      const change = await toChange(this.keyOf(delivery) ?? '', delivery.stored, toEntry);
      if (change.error) throw new PermanentError(change.error.message, { cause: change.error });
      await handler(change, delivery);
      return ACK;
    });
  }

  private once(): Middleware<ChangeDelivery>[] {
    const { source, options } = this.own;
    const { inboxTtlMs: ttlMs, ackWaitMs } = options;
    if (ttlMs === undefined) return [];
    const restore = (): Promise<void> => source.connection.streams.ensure(this.inbox, this.own.mode);
    const inbox = new MessageInbox(source.connection, new InboxStore(source.connection, restore), ackWaitMs);
    return [once({ inbox, ttlMs, idOf: ({ revision }) => String(revision) })];
  }

  private wants(delivery: ChangeDelivery): boolean {
    const key = this.keyOf(delivery);
    return key !== undefined && this.own.options.kinds.has(delivery.kind) && this.filter.matches(key);
  }

  // The server's mark of an expiry does not tell the key of a hashed token, but we know what we asked for.
  private keyOf(delivery: ChangeDelivery): string | undefined {
    return this.filter.exact ?? delivery.key;
  }

  /** Removes a replayed change that was handled: nothing else would. */
  private readonly forget: Middleware<ChangeDelivery> = (next) => async (delivery) => {
    const outcome = await next(delivery);
    const { connection, stream } = this.own.source;
    if (outcome.kind === 'ack') await connection.jsm.streams.purge(stream, { filter: delivery.subject });
    return outcome;
  };

  private createPart(name: string, filter: string, handler: Handler<ChangeDelivery>): Part {
    const { source, options, mode, restore } = this.own;
    const { connection, bucket, stream } = source;
    const { group, from, ackWaitMs, maxAckPending } = options;
    const broadcast = options.mode === 'broadcast';
    const isReplay = name !== this.consumerName;
    const consumer = new ManagedConsumer({
      connection,
      mode: broadcast ? 'create' : mode,
      declaration: {
        stream,
        name,
        group,
        app: connection.name,
        filter,
        from: isReplay ? 'beginning' : from,
        ackWaitMs,
        maxAckPending,
        ...(broadcast ? { inactiveMs: BROADCAST_INACTIVE_MS } : {}),
      },
      ensureStream: async () => {
        await restore();
        await this.ensureReplays();
      },
    });
    const loop = new ConsumerLoop<ChangeDelivery>({
      connection,
      stream,
      consumer: () => consumer.name,
      restore: () => consumer.restore(),
      concurrency: isReplay ? REPLAY_CONCURRENCY : options.concurrency,
      ackWaitMs,
      create: (message, lease) => new ChangeDelivery(message, { bucket, group }, lease),
      handler,
      deadLetters: this.deadLetters,
      ...this.control.loop,
      // A replay that is passed over must be forgotten, which is its handler's work.
      ...(isReplay ? {} : { passesOver: (delivery) => !this.wants(delivery) }),
    });
    return { consumer, loop };
  }
}

const deadSubject = ({ bucket, group, keyToken }: ChangeDelivery): string =>
  changeDeadSubject(bucket, group, keyToken);

class ChangeDeadLetters extends DeadLetterWriter<ChangeDelivery> {
  override write(delivery: ChangeDelivery, cause: Error): Promise<void> {
    return super.write(delivery.asDeadLetter(), cause);
  }
}

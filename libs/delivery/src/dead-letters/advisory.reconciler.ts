import { StoredMsg } from '@nats-io/jetstream';
import { ApiErrorCode, isApiError, MillraceConnection, ProvisionMode } from '@millrace/core';
import { ConsumerLoop } from '../consuming/consumer.loop.js';
import { Delivery, Origin } from '../message/delivery.js';
import { compose, Handler } from '../middleware/middleware.js';
import { retry } from '../middleware/retry.middleware.js';
import { ACK } from '../outcome/outcome.js';
import { exponential } from '../policy/backoff.js';
import { retryPolicy } from '../policy/retry.policy.js';
import { groupOf } from '../provisioning/consumer.declaration.js';
import { ManagedConsumer } from '../provisioning/managed-consumer.js';
import { causeOf } from './advisory.cause.js';
import { Advisory, parseAdvisory } from './advisory.js';
import { advisoryDeadSubject, ADVISORIES } from './advisory.stream.js';
import { REPLAY_GROUP } from './dead-letter.headers.js';
import { findStored } from './dead-letter.reader.js';
import { DeadLetterWriter } from './dead-letter.writer.js';
import { DeadMessage, headersOf, StoredDeadMessage } from './dead-message.js';

export interface ReconcilerOptions {
  connection: MillraceConnection;
  mode: ProvisionMode;
  /** The consumer that all replicas share, and all applications where `app` is left out. */
  name: string;
  /** The application whose consumer it is. */
  app?: string | undefined;
  ensureStream: () => Promise<void>;
  /** Whether what this consumer of this stream lost is of the kind that `writer` knows, and ours to tell. */
  isOurs: (stream: string, consumer: string) => boolean;
  /** Where a message was copied from; `undefined` for one that lies where it was stored first. */
  originOf: (stream: string, stored: StoredMsg) => Origin | undefined;
  writer: DeadLetterWriter<DeadMessage>;
}

/** Whose consumer it is that all applications share. */
const ALL_APPS = 'millrace';
const ACK_WAIT_MS = 30_000;
const CONCURRENCY = 4;
/** For as long as the advisory is kept: what makes it fail is the server's or the store's trouble. */
const POLICY = retryPolicy({
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: exponential('1s', '1m'),
});

/**
 * Writes the dead letters of messages that the server gave up: terminated by any client, or delivered as often
 * as a consumer that is not ours allows. Each replica takes a part; two that work on one advisory write one
 * dead letter, and where the engine has written it, none.
 */
export class AdvisoryReconciler {
  private readonly consumer: ManagedConsumer;
  private readonly loop: ConsumerLoop<Delivery>;
  private provisioning: Promise<void> | undefined;
  private starting: Promise<void> | undefined;

  constructor(private readonly own: ReconcilerOptions) {
    const { connection, mode, name, ensureStream } = own;
    this.consumer = new ManagedConsumer({
      connection,
      mode,
      ensureStream,
      declaration: {
        stream: ADVISORIES,
        name,
        group: name,
        app: own.app ?? ALL_APPS,
        filter: '$JS.EVENT.ADVISORY.CONSUMER.>',
        from: 'beginning',
        ackWaitMs: ACK_WAIT_MS,
        maxAckPending: 1000,
      },
    });
    const innermost: Handler<Delivery> = async (delivery) => {
      await this.reconcile(delivery);
      return ACK;
    };
    this.loop = new ConsumerLoop<Delivery>({
      connection,
      stream: ADVISORIES,
      consumer: () => this.consumer.name,
      restore: () => this.consumer.restore(),
      concurrency: CONCURRENCY,
      ackWaitMs: ACK_WAIT_MS,
      create: (message, lease) => new Delivery(message, name, lease),
      handler: compose([retry(POLICY)], innermost),
      policy: POLICY,
      deadLetters: new DeadLetterWriter(connection, () => advisoryDeadSubject(name)),
    });
  }

  /** Makes the stream and the consumer. May be asked again. @throws MillraceError `PROVISION_…` */
  provision(): Promise<void> {
    const provisioning = (this.provisioning ??= this.makeConsumer());
    provisioning.catch(() => {
      if (this.provisioning === provisioning) this.provisioning = undefined;
    });
    return provisioning;
  }

  /** Begins to reconcile, with what has come while nobody did. @throws MillraceError `PROVISION_…` */
  start(): Promise<void> {
    const starting = (this.starting ??= this.open());
    starting.catch(() => {
      if (this.starting === starting) this.starting = undefined;
    });
    return starting;
  }

  async stop(timeoutMs: number): Promise<void> {
    await this.starting?.catch(() => undefined);
    await this.loop.stop(timeoutMs);
    this.consumer.stop();
  }

  private async makeConsumer(): Promise<void> {
    await this.own.ensureStream();
    await this.consumer.ensure();
  }

  private async open(): Promise<void> {
    await this.provision();
    this.loop.start();
  }

  private async reconcile(delivery: Delivery): Promise<void> {
    const advisory = parseAdvisory(delivery.body);
    if (!advisory || !this.own.isOurs(advisory.stream, advisory.consumer)) return;
    const message = await this.find(advisory);
    if (!message) {
      this.own.connection.log.warn(
        `${advisory.stream} ${advisory.sequence} is gone: given up for ${advisory.consumer} (${causeOf(advisory).code}), and now without a dead letter`,
      );
      return;
    }
    // Others' replays are passed over by the group, however that ended.
    const replayFor = headersOf(message)[REPLAY_GROUP];
    if (replayFor !== undefined && replayFor !== message.group) return;
    await this.own.writer.write(message, causeOf(advisory));
  }

  private async find(advisory: Advisory): Promise<StoredDeadMessage | undefined> {
    const { stream, sequence, consumer, deliveries, at } = advisory;
    const stored = await findStored(this.own.connection, stream, sequence);
    // A stream made anew counts from 1 again: what is younger than the advisory is another message.
    if (!stored || stored.time > at) return undefined;
    const group = await this.groupOf(stream, consumer);
    return new StoredDeadMessage({
      stored,
      stream,
      group,
      attempt: deliveries,
      origin: this.own.originOf(stream, stored),
    });
  }

  // A consumer that says nothing of a group, or is gone, stands for itself.
  private async groupOf(stream: string, consumer: string): Promise<string> {
    try {
      const { config } = await this.own.connection.jsm.consumers.info(stream, consumer);
      return groupOf(config) ?? consumer;
    } catch (error) {
      if (isApiError(error, ApiErrorCode.ConsumerNotFound, ApiErrorCode.StreamNotFound)) return consumer;
      throw error;
    }
  }
}

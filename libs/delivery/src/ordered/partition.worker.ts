import { Msg } from '@nats-io/transport-node';
import { errorMessage, MillraceConnection } from '@millrace/core';
import { ConsumerLoop, ConsumerLoopOptions } from '../consuming/consumer.loop.js';
import { deliveryTokenOf } from '../message/delivery-token.js';
import { Delivery, DeliveryCircumstances, Lease } from '../message/delivery.js';
import { compose, Middleware } from '../middleware/middleware.js';
import { ManagedConsumer } from '../provisioning/managed-consumer.js';
import { ConsumerCount, DeliveryGate } from './delivery.gate.js';
import { HandlerSlots } from './handler.slots.js';
import { KeyLanes } from './key.lanes.js';
import { originOf, PartitionedSource } from './partitioned.stream.js';
import { PartitionWork, Tenure } from './partition.coordinator.js';

/** Makes a message of a partition; what it is made of. */
export type CreateOwned<M extends Delivery> = (
  message: Msg,
  lease: Lease,
  circumstances: DeliveryCircumstances,
) => M;

export interface PartitionWorkerOptions<M extends Delivery> extends Pick<
  ConsumerLoopOptions<M>,
  'ackWaitMs' | 'handler' | 'policy' | 'deadLetters' | 'handBacks'
> {
  connection: MillraceConnection;
  source: PartitionedSource;
  stream: string;
  consumer: ManagedConsumer;
  tenure: Tenure;
  /** How many messages of this partition are looked at, to find keys that can go on. */
  lookAhead: number;
  slots: HandlerSlots;
  create: CreateOwned<M>;
  keyOf: (message: M) => string | undefined;
  /** What is not for this group is passed over. */
  isFor: (message: M) => boolean;
  /** Around each handling, when its turn has come. */
  inTurn: Middleware<M>;
  onEnd: () => void;
}

/** Handles one partition for as long as this replica owns it. */
export class PartitionWorker<M extends Delivery> implements PartitionWork {
  private readonly places = new WeakMap<M, number>();
  private readonly gate: DeliveryGate;
  private readonly lanes: KeyLanes<M>;
  private readonly loop: ConsumerLoop<M>;
  private ending = false;

  constructor(private readonly options: PartitionWorkerOptions<M>) {
    const { connection, tenure, consumer, policy } = options;
    this.gate = new DeliveryGate({
      clock: connection.clock,
      inHand: () => this.loop.inHand,
      count: () => this.count(),
      onChange: (open) => this.lanes.setGate(open),
    });
    this.lanes = new KeyLanes({
      slots: options.slots,
      clock: connection.clock,
      placeOf: (message) => this.places.get(message) ?? 0,
      keyOf: options.keyOf,
      isFor: options.isFor,
      attempts: policy.attempts,
      handBacks: options.handBacks,
      isOwner: () => tenure.isHeld(),
    });
    this.loop = new ConsumerLoop<M>({
      connection,
      stream: options.stream,
      consumer: () => consumer.name,
      restore: () => consumer.restore(),
      concurrency: options.lookAhead,
      ackWaitMs: options.ackWaitMs,
      create: (message, lease) => this.take(message, lease),
      handler: compose([this.lanes.middleware, options.inTurn], options.handler),
      policy,
      deadLetters: options.deadLetters,
      handBacks: options.handBacks,
      mayAnswer: () => tenure.isHeld(),
      onReleased: (message, returned) => this.onReleased(message, returned),
    });
  }

  get inHand(): number {
    return this.loop.inHand;
  }

  /** Begins when the consumer is found to be there. */
  async start(): Promise<void> {
    const { consumer, connection, tenure } = this.options;
    while (!this.ending && tenure.isHeld()) {
      try {
        await consumer.ensure();
        break;
      } catch (error) {
        connection.log.warn(`${consumer.name} is not there: ${errorMessage(error)}`);
        await new Promise((resolve) => connection.clock.after(RETRY_MS, () => resolve(undefined)));
      }
    }
    if (this.ending) return consumer.stop();
    this.loop.start();
    this.gate.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.ending = true;
    this.lanes.endBackoffs();
    const half = this.options.connection.clock.after(timeoutMs / 2, () => this.lanes.dismiss());
    await this.loop.stop(timeoutMs);
    half.cancel();
    this.end();
  }

  abandon(reason: Error): void {
    this.ending = true;
    this.loop.abandon(reason);
    this.lanes.endBackoffs();
    this.lanes.dismiss();
    this.end();
  }

  private end(): void {
    this.gate.stop();
    this.options.consumer.stop();
    this.options.onEnd();
  }

  private take(message: Msg, lease: Lease): M {
    const { source, stream, tenure, create } = this.options;
    const { sequence, deliverySequence } = deliveryTokenOf(message);
    const delivery = create(message, lease, {
      origin: originOf(message, source),
      fence: { name: `${stream}.${source.partitions}.${tenure.partition}`, token: tenure.token },
    });
    this.places.set(delivery, sequence);
    this.gate.onArrival(sequence, deliverySequence);
    return delivery;
  }

  private onReleased(message: M, returned: boolean): void {
    this.gate.onReleased(this.places.get(message) ?? 0, returned);
    this.lanes.onReleased(message, returned);
  }

  private async count(): Promise<ConsumerCount | undefined> {
    const { connection, stream, consumer } = this.options;
    try {
      const info = await connection.jsm.consumers.info(stream, consumer.name);
      return { unsettled: info.num_ack_pending, deliveries: info.delivered.consumer_seq };
    } catch {
      return undefined;
    }
  }
}

const RETRY_MS = 1000;

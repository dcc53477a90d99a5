import { ContextSettings, MillraceConnection, provisionConflict, ProvisionMode } from '@millrace/core';
import { ConsumerLoopOptions } from '../consuming/consumer.loop.js';
import { Delivery } from '../message/delivery.js';
import { Middleware } from '../middleware/middleware.js';
import { StartFrom } from '../provisioning/consumer.declaration.js';
import { ManagedConsumer } from '../provisioning/managed-consumer.js';
import { GroupUpkeep } from './group.upkeep.js';
import { HandlerSlots } from './handler.slots.js';
import { ParkedKeys } from './parked.keys.js';
import { parking } from './parking.middleware.js';
import { PartitionCoordinator, Tenure } from './partition.coordinator.js';
import { CreateOwned, PartitionWorker } from './partition.worker.js';
import {
  partitionConsumer,
  partitionedStream,
  partitionedStreamName,
  partitionFilter,
  PartitionedSource,
  partitionsOf,
  sourceStart,
} from './partitioned.stream.js';
import { OwnershipStore } from './ownership.store.js';
import { ownershipStream } from './ownership.stream.js';

export interface OrderedGroupOptions<M extends Delivery> extends Pick<
  ConsumerLoopOptions<M>,
  'ackWaitMs' | 'handler' | 'policy' | 'deadLetters' | 'handBacks'
> {
  connection: MillraceConnection;
  mode: ProvisionMode;
  source: PartitionedSource;
  /** One kind of event; `undefined` for all of the context. */
  event: string | undefined;
  from: StartFrom;
  maxAckPending: number;
  settings: Pick<ContextSettings, 'replicas' | 'storage'>;
  slots: HandlerSlots;
  create: CreateOwned<M>;
  keyOf: (message: M) => string | undefined;
  /** What is not for this group is passed over. */
  isFor: (message: M) => boolean;
  onExhausted: 'skip' | 'park';
  /** Makes sure that the stream of the source is there. */
  ensureSource: () => Promise<void>;
  handOverMs: number;
}

/** Each message at hand is a lease to keep, several times in an `ackWait` of a few seconds. */
const MAX_LOOK_AHEAD = 256;

/** A group that handles the messages of one context in the order of each key, in this replica. */
export class OrderedGroup<M extends Delivery> {
  private readonly stream: string;
  private readonly coordinator: PartitionCoordinator;
  /** One for each partition, whoever owns it. */
  readonly consumers: readonly ManagedConsumer[];
  private readonly workers = new Set<PartitionWorker<M>>();
  private readonly upkeep: GroupUpkeep;

  constructor(private readonly options: OrderedGroupOptions<M>) {
    const { connection, source, handOverMs } = options;
    this.stream = partitionedStreamName(source);
    this.consumers = Array.from({ length: source.partitions }, (_, partition) => this.consumer(partition));
    this.coordinator = new PartitionCoordinator({
      connection,
      store: new OwnershipStore(connection, source),
      partitions: source.partitions,
      open: (tenure) => this.open(tenure),
      handOverMs,
    });
    this.upkeep = new GroupUpkeep(connection, {
      stream: this.stream,
      partitions: source.partitions,
      // One of the replicas is enough.
      trims: () => this.partitions.includes(0),
    });
  }

  /** The partitions that this replica owns. */
  get partitions(): number[] {
    return this.coordinator.partitions;
  }

  /** Messages waiting or being handled in this replica. */
  get inHand(): number {
    return [...this.workers].reduce((sum, { inHand }) => sum + inHand, 0);
  }

  /** Messages that the group has yet to take, as the server told within the last ten seconds. */
  get lag(): number {
    return this.upkeep.lag;
  }

  /** @throws MillraceError `PROVISION_…` */
  async provision(start: StartFrom = this.options.from): Promise<void> {
    const { connection, mode, settings } = this.options;
    await connection.streams.ensureOnce(ownershipStream(settings.replicas), mode);
    await this.ensureStream(start);
    await Promise.all(this.consumers.map((consumer) => consumer.ensure()));
    // Who owns a partition looks after its consumer.
    for (const consumer of this.consumers) consumer.stop();
  }

  start(): void {
    this.coordinator.start();
    this.upkeep.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.upkeep.stop();
    await this.coordinator.stop(timeoutMs);
  }

  /** Deletes what the group has on the server: its place is forgotten. */
  async remove(): Promise<void> {
    await this.options.connection.jsm.streams.delete(this.stream);
  }

  private async ensureStream(start: StartFrom): Promise<void> {
    const { connection, source, mode, settings, ensureSource } = this.options;
    await ensureSource();
    const { streams } = connection;
    const last = start === 'new' ? (await streams.find(source.stream))?.state.last_seq : undefined;
    const declaration = partitionedStream(source, { ...settings, start: sourceStart(start, last ?? 0) });
    await streams.ensure(declaration, mode);
    const existing = await streams.find(this.stream);
    const partitions = existing ? partitionsOf(existing.config) : source.partitions;
    if (partitions !== source.partitions) throw otherPartitions(source, partitions);
  }

  private consumer(partition: number): ManagedConsumer {
    const { connection, source, mode, event, ackWaitMs, from } = this.options;
    return new ManagedConsumer({
      connection,
      mode,
      declaration: {
        stream: this.stream,
        name: partitionConsumer(source, partition),
        group: source.group,
        app: connection.name,
        filter: partitionFilter(partition, event),
        // The stream itself begins where the group does.
        from: 'beginning',
        ackWaitMs,
        maxAckPending: this.lookAhead,
      },
      ensureStream: () => this.ensureStream(from),
    });
  }

  private get lookAhead(): number {
    const { maxAckPending, source } = this.options;
    return Math.max(1, Math.min(MAX_LOOK_AHEAD, Math.floor(maxAckPending / source.partitions)));
  }

  private parking(): Middleware<M> {
    const { connection, source, keyOf, isFor } = this.options;
    return parking({ keys: new ParkedKeys(connection, source), keyOf, isFor });
  }

  private open(tenure: Tenure): PartitionWorker<M> {
    const { onExhausted } = this.options;
    const worker: PartitionWorker<M> = new PartitionWorker<M>({
      ...this.options,
      stream: this.stream,
      consumer: this.consumer(tenure.partition),
      tenure,
      lookAhead: this.lookAhead,
      inTurn: onExhausted === 'park' ? this.parking() : (next) => next,
      onEnd: () => this.workers.delete(worker),
    });
    this.workers.add(worker);
    void worker.start();
    return worker;
  }
}

const otherPartitions = ({ context, group, partitions }: PartitionedSource, existing: number): Error =>
  provisionConflict(
    `Group '${group}' of '${context}'`,
    [{ field: 'partitions', declared: partitions, existing }],
    'Keep the number, or follow "Changing the number of partitions" in the README of @millrace/events',
  );

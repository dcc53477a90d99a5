import { eventStreamName } from '@millrace/core';
import { ConsumerLoop, ManagedConsumer, StartFrom } from '@millrace/delivery';
import { isForOthers } from './accept.middleware.js';
import { EventMessage } from './event.message.js';
import { PartOptions, SubscriptionPart } from './subscription.part.js';
import { filterFor } from './subscription.target.js';

/** A replica's own consumer outlives a disconnect of this length. */
const BROADCAST_INACTIVE_MS = 5 * 60_000;

/** One consumer of a context, which all replicas of the group share; of a broadcast, one for each. */
export class SharedPart implements SubscriptionPart {
  readonly partitions: number[] = [];
  private readonly consumer: ManagedConsumer;
  private readonly loop: ConsumerLoop<EventMessage>;

  constructor(part: PartOptions) {
    const { connection, contexts, context, target, options, control, handler, deadLetters, replica } = part;
    const broadcast = options.mode === 'broadcast';
    const stream = eventStreamName(context);
    this.consumer = new ManagedConsumer({
      connection,
      mode: broadcast ? 'create' : contexts.mode,
      declaration: {
        stream,
        name: broadcast ? `${options.group}-${replica}` : options.group,
        group: options.group,
        app: connection.name,
        filter: filterFor(target, context),
        from: options.from,
        ackWaitMs: options.ackWaitMs,
        maxAckPending: options.maxAckPending,
        ...(broadcast ? { inactiveMs: BROADCAST_INACTIVE_MS } : {}),
      },
      ensureStream: () => contexts.restore(context),
    });
    this.loop = new ConsumerLoop<EventMessage>({
      connection,
      stream,
      consumer: () => this.consumer.name,
      restore: () => this.consumer.restore(),
      concurrency: options.concurrency,
      ackWaitMs: options.ackWaitMs,
      create: (message, lease) => new EventMessage(message, options.group, lease),
      handler,
      deadLetters: deadLetters.writer,
      ...control.loop,
      passesOver: (message) => isForOthers(target, message),
    });
  }

  get consumers(): ManagedConsumer[] {
    return [this.consumer];
  }

  get inHand(): number {
    return this.loop.inHand;
  }

  get lag(): number {
    return this.consumer.info?.num_pending ?? 0;
  }

  provision(start?: StartFrom): Promise<void> {
    return this.consumer.ensure(start);
  }

  start(): void {
    this.loop.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    await this.loop.stop(timeoutMs);
    this.consumer.stop();
  }

  remove(): Promise<void> {
    return this.consumer.remove();
  }
}

import { eventStreamName, eventStreamSubject, NO_KEY } from '@millrace/core';
import { HandlerSlots, ManagedConsumer, OrderedGroup, StartFrom } from '@millrace/delivery';
import { isForOthers } from './accept.middleware.js';
import { EventMessage } from './event.message.js';
import { OrderedOptions } from './subscription.options.js';
import { PartOptions, SubscriptionPart } from './subscription.part.js';
import { eventFor } from './subscription.target.js';

/** This replica's share of a context's partitions. */
export class OrderedPart implements SubscriptionPart {
  private readonly group: OrderedGroup<EventMessage>;

  /** @param slots over all contexts of the subscription. */
  constructor(part: PartOptions, { partitions, onExhausted }: OrderedOptions, slots: HandlerSlots) {
    const { connection, contexts, context, target, options, shutdownTimeoutMs } = part;
    const { group } = options;
    this.group = new OrderedGroup<EventMessage>({
      connection,
      mode: contexts.mode,
      source: {
        context,
        group,
        partitions,
        stream: eventStreamName(context),
        subjects: eventStreamSubject(context),
      },
      event: eventFor(target, context),
      from: options.from,
      maxAckPending: options.maxAckPending,
      ackWaitMs: options.ackWaitMs,
      settings: contexts.settingsOf(context),
      slots,
      create: (message, lease, circumstances) => new EventMessage(message, group, lease, circumstances),
      keyOf: ({ subjectParts: { keyToken } }) => (keyToken === NO_KEY ? undefined : keyToken),
      handler: part.handler,
      policy: part.control.loop.policy,
      handBacks: part.control.loop.handBacks,
      deadLetters: part.deadLetters.writer,
      isFor: (message) => !isForOthers(target, message),
      onExhausted,
      ensureSource: () => contexts.restore(context),
      handOverMs: shutdownTimeoutMs,
    });
  }

  get consumers(): readonly ManagedConsumer[] {
    return this.group.consumers;
  }

  get inHand(): number {
    return this.group.inHand;
  }

  get lag(): number {
    return this.group.lag;
  }

  get partitions(): number[] {
    return this.group.partitions;
  }

  provision(start?: StartFrom): Promise<void> {
    return this.group.provision(start);
  }

  start(): void {
    this.group.start();
  }

  stop(timeoutMs: number): Promise<void> {
    return this.group.stop(timeoutMs);
  }

  remove(): Promise<void> {
    return this.group.remove();
  }
}

import {
  configInvalid,
  ContractRegistry,
  Duration,
  eventStreamName,
  MillraceConnection,
  toError,
  toMillis,
} from '@millrace/core';
import {
  ACK,
  acknowledge,
  compose,
  DeadLetterWriter,
  DeadMessage,
  handBack,
  Handler,
  ManagedConsumer,
  Outcome,
  receiveOne,
  reportProgress,
  resolveConsumerOptions,
} from '@millrace/delivery';
import { Msg } from '@nats-io/transport-node';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { accept } from './accept.middleware.js';
import { decode, resolveAmong } from './decode.middleware.js';
import { EventMessage } from './event.message.js';
import { ReceivedEvent } from './received.event.js';
import { SubscribeOptions } from './subscription.options.js';
import {
  contextsOf,
  filterFor,
  ResolvedTarget,
  resolveTarget,
  SubscriptionTarget,
} from './subscription.target.js';

export interface ReceiveOptions extends Pick<SubscribeOptions, 'from' | 'ackWait'> {
  /** Who receives: its place in the stream belongs to the name. */
  group: string;
  /** How long to wait for an event. Default 5 s. */
  timeout?: Duration;
}

export interface ReceiverParts {
  connection: MillraceConnection;
  registry: ContractRegistry;
  contexts: ContextProvisioner;
  deadLetters: DeadLetterWriter<DeadMessage>;
}

/** Receives events one by one, where the caller asks for them: point-to-point. */
export class Receiver {
  private readonly consumers = new Map<string, Promise<ManagedConsumer>>();

  constructor(private readonly own: ReceiverParts) {}

  /** The next event; `undefined` where none comes in time. An invalid one goes to the dead letters on the way. */
  async receive(target: SubscriptionTarget, options: ReceiveOptions): Promise<ReceivedEvent | undefined> {
    const { connection, registry } = this.own;
    const resolved = resolveTarget(target, (event) => registry.register(event));
    const context = onlyContext(resolved);
    const deadline = connection.clock.monotonic() + toMillis(options.timeout ?? '5s', 'timeout');
    const consumer = await this.consumerOf(resolved, context, options);
    for (;;) {
      const timeoutMs = deadline - connection.clock.monotonic();
      if (timeoutMs <= 0) return undefined;
      const stream = eventStreamName(context);
      const message = await receiveOne(connection, { stream, consumer: consumer.name, timeoutMs });
      const received = message && (await this.open(message, resolved, options.group));
      if (received) return received;
      // Nothing came before the time was up: the consumer may have been deleted.
      if (!message && connection.clock.monotonic() < deadline) await consumer.restore();
    }
  }

  stop(): void {
    for (const consumer of this.consumers.values())
      consumer.then((opened) => opened.stop()).catch(() => undefined);
  }

  private async open(
    message: Msg,
    target: ResolvedTarget,
    group: string,
  ): Promise<ReceivedEvent | undefined> {
    const { connection, deadLetters, registry } = this.own;
    const delivery = new EventMessage(message, group, { extend: () => reportProgress(message) });
    let received: ReceivedEvent | undefined;
    const { contracts } = target;
    const resolve =
      contracts.length > 0
        ? resolveAmong(contracts)
        : ({ type, version }: EventMessage) => registry.find(type, version);
    const take = compose<Handler<EventMessage>>(
      [accept(target), decode(connection.codec, resolve)],
      ({ event }) => {
        received = new ReceivedEvent(event, { nc: connection.nc, message, delivery, deadLetters });
        return Promise.resolve(ACK);
      },
    );
    const outcome = await settled(() => take(delivery));
    if (received) return received;
    try {
      if (outcome.kind === 'dead-letter') await deadLetters.write(delivery, outcome.cause);
      acknowledge(message);
    } catch (error) {
      handBack(message, 1000);
      throw error;
    }
    return undefined;
  }

  private consumerOf(
    target: ResolvedTarget,
    context: string,
    options: ReceiveOptions,
  ): Promise<ManagedConsumer> {
    const id = `${context} ${options.group} ${target.text}`;
    const known = this.consumers.get(id);
    if (known) return known;
    const opening = this.provision(target, context, options);
    this.consumers.set(id, opening);
    opening.catch(() => this.consumers.delete(id));
    return opening;
  }

  private async provision(
    target: ResolvedTarget,
    context: string,
    options: ReceiveOptions,
  ): Promise<ManagedConsumer> {
    const { connection, contexts } = this.own;
    const { group, from, ackWaitMs, maxAckPending } = resolveConsumerOptions(options, {}, undefined);
    await Promise.all([contexts.ensure(context), contexts.ensureDeadLetters()]);
    const consumer = new ManagedConsumer({
      connection,
      mode: contexts.mode,
      declaration: {
        stream: eventStreamName(context),
        name: group,
        group,
        app: connection.name,
        filter: filterFor(target, context),
        from,
        ackWaitMs,
        maxAckPending,
      },
      ensureStream: () => contexts.restore(context),
    });
    await consumer.ensure();
    return consumer;
  }
}

const onlyContext = (target: ResolvedTarget): string => {
  const [context, ...others] = contextsOf(target) ?? [];
  if (context !== undefined && others.length === 0) return context;
  throw configInvalid(
    `receive('${target.text}') spans several contexts`,
    'Receive from one context at a time, or subscribe instead',
  );
};

/** What cannot even be looked at goes to the dead letters: left alone, it would come back for ever. */
const settled = async (take: () => Outcome | PromiseLike<Outcome>): Promise<Outcome> => {
  try {
    return await take();
  } catch (error) {
    return { kind: 'dead-letter', cause: toError(error) };
  }
};

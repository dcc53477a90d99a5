import { MillraceConnection, NatsModuleOptions, openConnection, silentLog, whenReady } from '@millrace/core';
import { headers } from '@nats-io/transport-node';
import {
  ACK,
  compose,
  ConsumerDeclaration,
  ConsumerLoop,
  DEAD_LETTERS,
  DeadLetter,
  DeadLetters,
  DeadLetterWriter,
  deadLetterStream,
  Delivery,
  Gate,
  GROUPS,
  groupStream,
  HandBacks,
  Handler,
  ManagedConsumer,
  Middleware,
  retry,
  RetryOptions,
  retryPolicy,
  StateStore,
} from './index.js';

const encoder = new TextEncoder();

/** Waits until `condition` holds. @throws after `timeoutMs`, saying what was awaited. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A promise that a test settles by hand. */
export const gate = (): { opened: Promise<void>; open: () => void } => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

export interface GroupSetup {
  group?: string;
  concurrency?: number;
  ackWaitMs?: number;
  maxAckPending?: number;
  inactiveMs?: number;
  from?: ConsumerDeclaration['from'];
  retry?: RetryOptions;
  gate?: Gate;
  /** Around the handler, outside of the retries. */
  outer?: Middleware<Delivery>[];
  /** Around the handler, inside of the retries. */
  inner?: Middleware<Delivery>[];
}

/** One replica at work. */
export interface Replica {
  consumer: ManagedConsumer;
  loop: ConsumerLoop<Delivery>;
  stop(timeoutMs?: number): Promise<void>;
}

let engines = 0;

/** A stream of its own on a real server, and whoever consumes it. */
export class Engine {
  readonly stream: string;
  readonly connections: MillraceConnection[] = [];
  private readonly replicas: Replica[] = [];
  private published = 0;

  private constructor(
    private readonly url: string,
    readonly replicasOfStream: number,
  ) {
    this.stream = `S${++engines}`;
  }

  static async open(
    url: string,
    replicasOfStream = 1,
    options: Partial<NatsModuleOptions> = {},
  ): Promise<Engine> {
    const engine = new Engine(url, replicasOfStream);
    const { streams } = await engine.connect(options);
    await engine.ensureStream();
    await streams.ensure(deadLetterStream({ replicas: replicasOfStream }), 'create');
    await streams.ensure(groupStream({ replicas: replicasOfStream }), 'create');
    return engine;
  }

  get connection(): MillraceConnection {
    const [first] = this.connections;
    if (!first) throw new Error('Not connected');
    return first;
  }

  /** Messages waiting or being handled, in all replicas. */
  get inHand(): number {
    return this.replicas.reduce((sum, { loop }) => sum + loop.inHand, 0);
  }

  async connect(options: Partial<NatsModuleOptions> = {}): Promise<MillraceConnection> {
    const connection = await openConnection(
      { name: 'engine', servers: this.url, ...options },
      { ...silentLog },
    );
    this.connections.push(connection);
    return connection;
  }

  ensureStream = (): Promise<void> =>
    this.connection.streams.ensure(
      {
        name: this.stream,
        initial: { subjects: [`${this.stream}.>`], num_replicas: this.replicasOfStream, allow_direct: true },
        required: {},
      },
      'create',
    );

  /** Stores `count` messages with the bodies `0`, `1`, … */
  async publish(count: number): Promise<void> {
    const from = this.published;
    this.published += count;
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        await this.store(String(from + i));
      }),
    );
  }

  async store(body: string): Promise<number> {
    const { publisher } = this.connection;
    const message = headers();
    message.set('Nats-Msg-Id', `${this.stream}-${body}`);
    const request = { subject: `${this.stream}.m`, payload: encoder.encode(body), headers: message };
    return (await publisher.publish({ ...request, deadlineMs: 30_000 })).sequence;
  }

  managed(setup: GroupSetup = {}, connection = this.connection): ManagedConsumer {
    const group = setup.group ?? 'g';
    return new ManagedConsumer({
      connection,
      mode: 'create',
      ensureStream: this.ensureStream,
      declaration: {
        stream: this.stream,
        name: group,
        group,
        app: 'engine',
        filter: `${this.stream}.>`,
        from: setup.from ?? 'beginning',
        ackWaitMs: setup.ackWaitMs ?? 30_000,
        maxAckPending: setup.maxAckPending ?? 5000,
        ...(setup.inactiveMs === undefined ? {} : { inactiveMs: setup.inactiveMs }),
      },
    });
  }

  handBacks(connection = this.connection): HandBacks {
    const restore = (): Promise<void> => connection.streams.ensure(groupStream(), 'create');
    return new HandBacks(new StateStore(connection, { stream: GROUPS, restore }), connection.log);
  }

  /** A consumer and a loop that are made, not started. */
  async prepare(
    handler: (message: Delivery) => unknown,
    setup: GroupSetup = {},
    connection = this.connection,
  ): Promise<Replica> {
    const consumer = this.managed(setup, connection);
    await consumer.ensure();
    const policy = retryPolicy(setup.retry);
    const handBacks = this.handBacks(connection);
    const innermost: Handler<Delivery> = (message) => whenReady(handler(message), () => ACK);
    const loop = new ConsumerLoop<Delivery>({
      connection,
      stream: this.stream,
      consumer: () => consumer.name,
      restore: () => consumer.restore(),
      concurrency: setup.concurrency ?? 16,
      ackWaitMs: setup.ackWaitMs ?? 30_000,
      create: (message, lease) => new Delivery(message, setup.group ?? 'g', lease),
      handler: compose([...(setup.outer ?? []), retry(policy, handBacks), ...(setup.inner ?? [])], innermost),
      policy,
      deadLetters: new DeadLetterWriter(connection, ({ group, stream }) => `dead.${stream}.m.${group}._`),
      gate: setup.gate,
      handBacks,
    });
    const replica = {
      consumer,
      loop,
      stop: async (timeoutMs = 1000) => {
        await loop.stop(timeoutMs);
        consumer.stop();
      },
    };
    this.replicas.push(replica);
    return replica;
  }

  /** A replica at work. */
  async consume(
    handler: (message: Delivery) => unknown,
    setup: GroupSetup = {},
    connection = this.connection,
  ): Promise<Replica> {
    const replica = await this.prepare(handler, setup, connection);
    replica.loop.start();
    return replica;
  }

  async info(
    group = 'g',
  ): Promise<{ pending: number; unsettled: number; redelivered: number; floor: number }> {
    const info = await this.connection.jsm.consumers.info(this.stream, group);
    return {
      pending: info.num_pending,
      unsettled: info.num_ack_pending,
      redelivered: info.num_redelivered,
      floor: info.ack_floor.stream_seq,
    };
  }

  /** Waits until the server has an answer for every message. */
  async settled(group = 'g', timeoutMs = 15_000): Promise<void> {
    await until(
      'everything to be settled',
      async () => {
        // In an election, and while a consumer is made again, nobody can say.
        const info = await this.info(group).catch(() => undefined);
        return info?.pending === 0 && info.unsettled === 0;
      },
      timeoutMs,
    );
  }

  async letters(): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for await (const letter of new DeadLetters(this.connection).list({ context: this.stream }))
      found.push(letter);
    return found;
  }

  async loseDeadLetters(): Promise<void> {
    await this.connection.jsm.streams.delete(DEAD_LETTERS);
  }

  async restoreDeadLetters(): Promise<void> {
    await this.connection.streams.ensure(deadLetterStream(), 'create');
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.stop(200)));
    await Promise.all(this.connections.map((connection) => connection.close()));
  }
}

/** The body of a message of {@link Engine.publish}. */
export const bodyOf = (message: { body: Uint8Array }): string => new TextDecoder().decode(message.body);

export const bodies = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => String(from + i));

export const sorted = (list: readonly string[]): string[] => [...list].sort((a, b) => Number(a) - Number(b));

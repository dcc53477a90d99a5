import { AckPolicy, DeliverPolicy, JetStreamClient, JetStreamManager, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, MsgHdrs, NatsConnection } from '@nats-io/transport-node';

/** A message as it lies in a stream. */
export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  /** When the server stored it, in milliseconds since the epoch. */
  readonly storedAt: number;
  readonly header: (name: string) => string;
  readonly body: unknown;
}

/** Where a durable consumer stands. */
export interface ConsumerState {
  readonly stream: string;
  readonly name: string;
  readonly group: string;
  readonly waiting: number;
  readonly unsettled: number;
}

const NOT_FOUND = 404;
const BATCH = 1000;

/** Any NATS client: it takes no word of Millrace's for anything. */
export class PlainClient {
  private constructor(
    readonly nc: NatsConnection,
    readonly js: JetStreamClient,
    readonly jsm: JetStreamManager,
  ) {}

  static async connect(servers: readonly string[]): Promise<PlainClient> {
    const nc = await connect({
      servers: [...servers],
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      name: 'drill',
    });
    return new PlainClient(nc, jetstream(nc), await jetstream(nc).jetstreamManager());
  }

  /** Everything in a stream, oldest first; nothing where there is no such stream. */
  async read(stream: string): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    if ((await this.lastSequence(stream)) === 0) return found;
    const { name } = await this.jsm.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      inactive_threshold: 60_000_000_000,
      mem_storage: true,
      num_replicas: 1,
    });
    const consumer = await this.js.consumers.get(stream, name);
    for (let left = (await consumer.info(false)).num_pending; left > 0;) {
      for await (const message of await consumer.fetch({
        max_messages: Math.min(left, BATCH),
        expires: 5000,
      })) {
        const { seq: sequence, subject, headers, info } = message;
        const storedAt = Number(message.timestampNanos / 1_000_000n);
        found.push({ sequence, subject, storedAt, header: headerOf(headers), body: parsed(message.data) });
        left = info.pending;
      }
    }
    await consumer.delete();
    return found;
  }

  /** 0 for a stream that is empty, or that there is not. */
  async lastSequence(stream: string): Promise<number> {
    const { messages, last_seq: last } = (await this.find(() => this.jsm.streams.info(stream)))?.state ?? {
      messages: 0,
      last_seq: 0,
    };
    return messages === 0 ? 0 : last;
  }

  /** Every durable consumer of the streams whose names begin with one of `prefixes`. */
  async consumers(...prefixes: readonly string[]): Promise<ConsumerState[]> {
    const states: ConsumerState[] = [];
    for await (const stream of this.jsm.streams.names()) {
      if (!prefixes.some((prefix) => stream.startsWith(prefix))) continue;
      for await (const { name, config, num_pending, num_ack_pending } of this.jsm.consumers.list(stream)) {
        if (config.durable_name === undefined) continue;
        const group = config.metadata?.['millrace.group'] ?? name;
        states.push({ stream, name, group, waiting: num_pending, unsettled: num_ack_pending });
      }
    }
    return states;
  }

  /** The values of a bucket, by key. */
  async bucket(name: string): Promise<Map<string, unknown>> {
    const values = new Map<string, unknown>();
    const kv = await new Kvm(this.nc).open(name);
    for await (const key of await kv.keys()) values.set(key, (await kv.get(key))?.json());
    return values;
  }

  close(): Promise<void> {
    return this.nc.close();
  }

  private async find<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Error && 'status' in error && error.status === NOT_FOUND) return undefined;
      if (error instanceof Error && error.name === 'StreamNotFoundError') return undefined;
      throw error;
    }
  }
}

const headerOf =
  (headers: MsgHdrs | undefined) =>
  (name: string): string =>
    headers?.get(name) ?? '';

const decoder = new TextDecoder();

const parsed = (data: Uint8Array): unknown => {
  try {
    return JSON.parse(decoder.decode(data));
  } catch {
    return undefined;
  }
};

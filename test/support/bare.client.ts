import { DeliverPolicy, JetStreamClient, JetStreamManager, jetstream, PubAck } from '@nats-io/jetstream';
import { connect, headers as createHeaders, MsgHdrs, NatsConnection } from '@nats-io/transport-node';

/** An event as it lies in its stream. */
export interface StoredEvent {
  subject: string;
  sequence: number;
  headers: Record<string, string>;
  text: string;
}

/** What the apps' audit tells of a delivery. */
export interface Handled {
  group: string;
  stream: string;
  sequence: number;
  outcome: string;
}

/** A group of one stream. */
export interface Group {
  stream: string;
  group: string;
  consumer: string;
  /** Subjects, mostly with wildcards. */
  filters: readonly string[];
}

/** Whether a group is given what is published on a subject; what it wants of that is its own affair. */
export const isGiven = ({ filters }: Group, subject: string): boolean => {
  const tokens = subject.split('.');
  return filters.some((filter) => {
    const wanted = filter.split('.');
    return wanted.length === tokens.length && wanted.every((token, at) => ['*', tokens[at]].includes(token));
  });
};

/** What a dead letter says of the event that it was. */
export interface Letter {
  group: string;
  stream: string;
  sequence: number;
  code: string;
  message: string;
}

export const letterOf = (headers: Record<string, string>): Letter => ({
  group: headers['Millrace-Dead-Group'] ?? '',
  stream: headers['Millrace-Dead-Stream'] ?? '',
  sequence: Number(headers['Millrace-Dead-Sequence']),
  code: headers['Millrace-Dead-Cause-Code'] ?? '',
  message: headers['Millrace-Dead-Cause-Message'] ?? '',
});

/** One event for one group, to look for. */
export const placeOf = ({
  group,
  stream,
  sequence,
}: {
  group: string;
  stream: string;
  sequence: number;
}): string => `${group} ${stream} ${sequence}`;

/** Any NATS client: it knows nothing of Millrace. */
export class BareClient {
  /** What the apps have said so far on `audit.*.handled`. */
  readonly handled: Handled[] = [];

  private constructor(
    private readonly nc: NatsConnection,
    private readonly js: JetStreamClient,
    readonly jsm: JetStreamManager,
  ) {
    nc.subscribe('audit.*.handled', {
      callback: (_error, message) => {
        this.handled.push(message.json<Handled>());
      },
    });
  }

  static async connect(url: string): Promise<BareClient> {
    const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 200 });
    const js = jetstream(nc);
    return new BareClient(nc, js, await js.jetstreamManager());
  }

  /** Plain JSON, without a header. */
  publish(subject: string, body: unknown): Promise<PubAck> {
    return this.js.publish(subject, typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** Any bytes, with any headers. */
  publishBytes(subject: string, bytes: Uint8Array, headers?: MsgHdrs): Promise<PubAck> {
    return this.js.publish(subject, bytes, headers ? { headers } : {});
  }

  /** Every group that takes events, as its consumers tell. */
  async groups(): Promise<Group[]> {
    const found: Group[] = [];
    for await (const stream of this.jsm.streams.names()) {
      if (!stream.startsWith('EVENTS_')) continue;
      for await (const { name, config } of this.jsm.consumers.list(stream)) {
        const group = config.metadata?.['millrace.group'];
        const filters = [...(config.filter_subjects ?? []), config.filter_subject ?? ''];
        if (group !== undefined) found.push({ stream, group, consumer: name, filters });
      }
    }
    return found;
  }

  /** Everything in a stream under a subject, oldest first. */
  async read(stream: string, subject: string): Promise<StoredEvent[]> {
    const consumer = await this.js.consumers.get(stream, {
      filter_subjects: subject,
      deliver_policy: DeliverPolicy.All,
    });
    const { num_pending: count } = await consumer.info();
    const found: StoredEvent[] = [];
    if (count === 0) return found;
    for await (const message of await consumer.fetch({ max_messages: count, expires: 5000 })) {
      const headers = Object.fromEntries(
        [...(message.headers ?? createHeaders())].map(([name, [value]]) => [name, value ?? '']),
      );
      found.push({ subject: message.subject, sequence: message.seq, headers, text: message.string() });
    }
    return found;
  }

  /** What a group has yet to take and to settle, and up to where it has settled everything. */
  async place(stream: string, group: string): Promise<{ waiting: number; unsettled: number; floor: number }> {
    const info = await this.jsm.consumers.info(stream, group);
    return {
      waiting: info.num_pending,
      unsettled: info.num_ack_pending,
      floor: info.ack_floor.stream_seq,
    };
  }

  /** The records of a group about a stream that say `ack`, by sequence. */
  acknowledged(stream: string, group: string): Map<number, number> {
    const counts = new Map<number, number>();
    for (const record of this.handled) {
      if (record.stream !== stream || record.group !== group || record.outcome !== 'ack') continue;
      counts.set(record.sequence, (counts.get(record.sequence) ?? 0) + 1);
    }
    return counts;
  }

  close(): Promise<void> {
    return this.nc.close();
  }
}

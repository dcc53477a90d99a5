import { randomUUID } from 'node:crypto';
import { createInbox, Msg, MsgHdrs, MsgHdrsImpl, NatsConnection } from '@nats-io/transport-node';
import { OnEvent, OpenPipe, Pipe } from './pipe.js';
import { CONSUMER, openRawStream, RawStream } from './raw.stream.js';
import { Workload } from './workload.js';

const WINDOW = 1024;
const encoder = new TextEncoder();

/**
 * The limit: a hand-tuned loop on the raw client. One inbox for all acknowledgements, each of them parsed and
 * checked; a callback consumer; `JSON.parse` of every body. It keeps no message ids and tries nothing twice.
 */
export const limit: OpenPipe = (url, workload) =>
  openLimit({ name: 'limit (hand-tuned raw client)', stream: 'LIMIT' }, url, workload);

/**
 * The limit with the headers that Millrace writes, as bytes made by hand: what they alone cost to write, to send,
 * to recognise duplicates by and to store. Nobody reads them.
 */
export const limitWithHeaders: OpenPipe = (url, workload) =>
  openLimit({ name: 'limit with the same headers', stream: 'HEADED', headersOf }, url, workload);

interface LimitKind {
  readonly name: string;
  readonly stream: string;
  readonly headersOf?: (n: number) => string;
}

const openLimit = async (kind: LimitKind, url: string, workload: Workload): Promise<Pipe> => {
  const stream = await openRawStream(url, `${kind.stream}${workload.name.replace(/\W/g, '')}`);
  const acks = new AckInbox(stream.nc);
  const headers = new HeaderBytes();
  const send = (n: number, onStored: () => void): void => {
    const options = kind.headersOf ? { headers: headers.of(kind.headersOf(n)) } : {};
    acks.publish({ subject: stream.subjectOf(n), body: bodyOf(workload, n), options, onStored });
  };
  return {
    name: kind.name,
    publish: (first, count) => publishAll(send, first, count),
    send: (n) => new Promise<void>((resolve) => send(n, resolve)),
    handle: (onEvent) => consume(stream, onEvent),
    close: () => stream.nc.close(),
  };
};

const bodyOf = (workload: Workload, n: number): Uint8Array =>
  encoder.encode(JSON.stringify(workload.eventOf(n)));

const headersOf = (n: number): string => {
  const id = randomUUID();
  return `NATS/1.0\r
Nats-Msg-Id: ${id}\r
ce-specversion: 1.0\r
ce-id: ${id}\r
ce-source: publisher\r
ce-type: bench.order-noted\r
ce-eventversion: 1\r
ce-time: ${new Date().toISOString()}\r
ce-subject: o${n}\r
content-type: application/json\r
traceparent: 00-${id.replaceAll('-', '')}-0123456789abcdef-00\r
\r
`;
};

/** Headers that are bytes already. */
class HeaderBytes extends MsgHdrsImpl {
  private text = '';

  of(text: string): this {
    this.text = text;
    return this;
  }

  override encode(): Uint8Array {
    return Buffer.from(this.text);
  }
}

interface Publishing {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly options: { headers?: MsgHdrs };
  readonly onStored: () => void;
}

/** Publishes with one inbox for all answers. */
class AckInbox {
  private readonly inbox = createInbox();
  private readonly waiting = new Map<number, () => void>();
  private next = 0;

  constructor(private readonly nc: NatsConnection) {
    nc.subscribe(`${this.inbox}.*`, { callback: (_, message) => this.onAck(message) });
  }

  publish({ subject, body, options, onStored }: Publishing): void {
    const id = this.next++;
    this.waiting.set(id, onStored);
    this.nc.publish(subject, body, { ...options, reply: `${this.inbox}.${id}` });
  }

  private onAck(message: Msg): void {
    const id = Number(message.subject.slice(this.inbox.length + 1));
    const ack = message.json<{ seq?: number }>();
    if (!ack.seq) throw new Error(`not stored: ${message.string()}`);
    const onStored = this.waiting.get(id);
    this.waiting.delete(id);
    onStored?.();
  }
}

const publishAll = (
  send: (n: number, onStored: () => void) => void,
  first: number,
  count: number,
): Promise<void> =>
  new Promise((resolve) => {
    let sent = 0;
    let stored = 0;
    const onStored = (): void => {
      if (++stored === count) resolve();
      else if (sent < count) send(first + sent++, onStored);
    };
    while (sent < Math.min(WINDOW, count)) send(first + sent++, onStored);
  });

const consume = async ({ js, name }: RawStream, onEvent: OnEvent): Promise<() => Promise<void>> => {
  const consumer = await js.consumers.get(name, CONSUMER);
  const messages = await consumer.consume({
    max_messages: 1000,
    callback: (message) => {
      onEvent(message.json());
      message.ack();
    },
  });
  return async () => void (await messages.close());
};

import { randomUUID } from 'node:crypto';
import { MsgHdrsImpl } from '@nats-io/transport-node';
import { AckInbox, publishAll } from '../raw.publishing.js';
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

/** The limit with a message id and no other header: what it costs that no event is ever stored twice. */
export const limitWithId: OpenPipe = (url, workload) =>
  openLimit({ name: 'limit with a message id', stream: 'IDENTIFIED', headersOf: idOnly }, url, workload);

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
    publish: (first, count) => publishAll(send, { first, count, window: WINDOW }),
    send: (n) => new Promise<void>((resolve) => send(n, resolve)),
    handle: (onEvent) => consume(stream, onEvent),
    close: () => stream.nc.close(),
  };
};

const bodyOf = (workload: Workload, n: number): Uint8Array =>
  encoder.encode(JSON.stringify(workload.eventOf(n)));

const idOnly = (): string => `NATS/1.0\r\nNats-Msg-Id: ${randomUUID()}\r\n\r\n`;

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

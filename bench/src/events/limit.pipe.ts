import { createInbox, Msg, NatsConnection } from '@nats-io/transport-node';
import { OnEvent, OpenPipe } from './pipe.js';
import { CONSUMER, openRawStream, RawStream } from './raw.stream.js';
import { Workload } from './workload.js';

const WINDOW = 1024;
const encoder = new TextEncoder();

/**
 * The limit: a hand-tuned loop on the raw client. One inbox for all acknowledgements, each of them parsed and
 * checked; a callback consumer; `JSON.parse` of every body. It keeps no message ids and tries nothing twice.
 */
export const limit: OpenPipe = async (url, workload) => {
  const stream = await openRawStream(url, `LIMIT${workload.name.replace(/\W/g, '')}`);
  const acks = new AckInbox(stream.nc);
  const send = (n: number, onStored: () => void): void =>
    acks.publish(stream.subjectOf(n), bodyOf(workload, n), onStored);
  return {
    name: 'limit (hand-tuned raw client)',
    publish: (first, count) => publishAll(send, first, count),
    send: (n) => new Promise<void>((resolve) => send(n, resolve)),
    handle: (onEvent) => consume(stream, onEvent),
    close: () => stream.nc.close(),
  };
};

const bodyOf = (workload: Workload, n: number): Uint8Array =>
  encoder.encode(JSON.stringify(workload.eventOf(n)));

/** Publishes with one inbox for all answers. */
class AckInbox {
  private readonly inbox = createInbox();
  private readonly waiting = new Map<number, () => void>();
  private next = 0;

  constructor(private readonly nc: NatsConnection) {
    nc.subscribe(`${this.inbox}.*`, { callback: (_, message) => this.onAck(message) });
  }

  publish(subject: string, body: Uint8Array, onStored: () => void): void {
    const id = this.next++;
    this.waiting.set(id, onStored);
    this.nc.publish(subject, body, { reply: `${this.inbox}.${id}` });
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

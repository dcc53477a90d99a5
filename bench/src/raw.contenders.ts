import {
  AckPolicy,
  ConsumerMessages,
  jetstream,
  JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect, createInbox, NatsConnection } from '@nats-io/transport-node';
import { Contender, inParallel } from './contender.js';
import { orderPaid } from './events.contract.js';

const WINDOW = 1024;
const PLAIN_WINDOW = 256;
const encoder = new TextEncoder();

interface Bench {
  nc: NatsConnection;
  jsm: JetStreamManager;
  stream: string;
  /** Resolves when `count` more messages have been handled. */
  handled(count: number): Promise<void>;
  close(): Promise<void>;
}

const countdown = (): { done(): void; next(count: number): Promise<void> } => {
  let left = 0;
  let finish: () => void = () => undefined;
  return {
    done: () => {
      if (--left === 0) finish();
    },
    next: (count) => {
      left = count;
      return new Promise((resolve) => (finish = resolve));
    },
  };
};

const open = async (url: string, stream: string): Promise<{ nc: NatsConnection; jsm: JetStreamManager }> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name: stream, subjects: [`${stream}.>`] });
  await jsm.consumers.add(stream, {
    durable_name: 'bench',
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 5000,
  });
  return { nc, jsm };
};

/** Reads what a message says, as any handler must. */
const read = (message: { json(): unknown }): boolean => typeof message.json() === 'object';

/**
 * The limit: a hand-tuned loop. One inbox for all acknowledgements, each of them parsed and checked; a
 * callback consumer; `JSON.parse` of every body.
 */
export const limit = async (url: string): Promise<Contender> => {
  const bench = await openLimit(url);
  return {
    name: 'limit (hand-tuned raw client)',
    run: (count) => runLimit(bench, count),
    close: () => bench.close(),
  };
};

const openLimit = async (url: string): Promise<Bench> => {
  const { nc, jsm } = await open(url, 'LIMIT');
  const counter = countdown();
  const consumer = await jetstream(nc).consumers.get('LIMIT', 'bench');
  const messages = await consumer.consume({
    max_messages: 1000,
    callback: (message) => {
      if (read(message)) counter.done();
      message.ack();
    },
  });
  return { nc, jsm, stream: 'LIMIT', handled: (count) => counter.next(count), close: closer(nc, messages) };
};

const closer = (nc: NatsConnection, messages: ConsumerMessages) => async (): Promise<void> => {
  await messages.close();
  await nc.close();
};

const runLimit = async (bench: Bench, count: number): Promise<void> => {
  const handled = bench.handled(count);
  await publishLimit(bench, count);
  await handled;
};

const publishLimit = ({ nc, stream }: Bench, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const inbox = createInbox();
    let sent = 0;
    let acknowledged = 0;
    const send = (): void => {
      const n = sent++;
      nc.publish(`${stream}.paid.${n % 5000}`, encoder.encode(JSON.stringify(orderPaid(n))), {
        reply: `${inbox}.${n}`,
      });
    };
    const subscription = nc.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        const ack = error ?? message.json<{ seq?: number; error?: unknown }>();
        if (ack instanceof Error || !ack.seq) return reject(new Error(`not stored: ${JSON.stringify(ack)}`));
        if (++acknowledged === count) {
          subscription.unsubscribe();
          resolve();
        } else if (sent < count) send();
      },
    });
    for (let n = 0; n < Math.min(WINDOW, count); n++) send();
  });

/** What a good user writes: `js.publish` with 256 in flight, and the `consume()` iterator. */
export const plain = async (url: string): Promise<Contender> => {
  const { nc } = await open(url, 'PLAIN');
  const js = jetstream(nc);
  const counter = countdown();
  const messages = await (await js.consumers.get('PLAIN', 'bench')).consume();
  void (async () => {
    for await (const message of messages) {
      if (read(message)) counter.done();
      message.ack();
    }
  })();
  return {
    name: 'plain client (js.publish + consume)',
    run: async (count) => {
      const handled = counter.next(count);
      await inParallel(PLAIN_WINDOW, count, (n) =>
        js.publish(`PLAIN.paid.${n % 5000}`, JSON.stringify(orderPaid(n))),
      );
      await handled;
    },
    close: closer(nc, messages),
  };
};

// One size of `growth` on the raw client, in a process of its own: what of the growth is the server's and the client's.
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { host } from '../process/contender.host.js';
import { AckInbox, publishAll } from '../raw.publishing.js';
import { IN_FLIGHT } from './publish.js';
import { nameOf, Size } from './size.js';

const encoder = new TextEncoder();

/** Where the events of each subscriber go: a stream for all of them, or one for each. */
const placesOf = ({ of, many }: Size): { stream: string; token: string }[] =>
  Array.from({ length: many }, (_, at) => ({
    stream: of === 'contexts' ? `RAW_C${many}_${at}` : `RAW_S${many}`,
    token: `e${at}`,
  }));

await host(async (url, text = '{}') => {
  const size = JSON.parse(text) as Size;
  const places = placesOf(size);
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const [jsm, js] = [await jetstreamManager(nc), jetstream(nc)];
  const acks = new AckInbox(nc);
  let left = 0;
  let finish: () => void = () => undefined;
  for (const { stream, token } of places) {
    await jsm.streams.add({ name: stream, subjects: [`${stream}.>`] });
    const filter_subject = `${stream}.${token}.*`;
    await jsm.consumers.add(stream, { durable_name: token, ack_policy: AckPolicy.Explicit, filter_subject });
    const consumer = await js.consumers.get(stream, token);
    await consumer.consume({
      callback: (message) => {
        message.json();
        message.ack();
        if (--left === 0) finish();
      },
    });
  }
  const send = (n: number, onStored: () => void): void => {
    const { stream = '', token = '' } = places[n % places.length] ?? {};
    const body = encoder.encode(JSON.stringify({ n }));
    acks.publish({ subject: `${stream}.${token}._`, body, options: {}, onStored });
  };
  return {
    name: nameOf(size),
    run: async (count) => {
      left = count;
      const handled = new Promise<void>((resolve) => (finish = resolve));
      await publishAll(send, { first: 0, count, window: IN_FLIGHT });
      await handled;
    },
    close: () => nc.close(),
  };
});

import { AckPolicy, jetstream, JetStreamClient, jetstreamManager } from '@nats-io/jetstream';
import { connect, NatsConnection } from '@nats-io/transport-node';

/** A stream of its own with one consumer, as anyone would make them by hand. */
export interface RawStream {
  nc: NatsConnection;
  js: JetStreamClient;
  name: string;
  subjectOf(n: number): string;
}

export const CONSUMER = 'bench';

export const openRawStream = async (url: string, name: string): Promise<RawStream> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name, subjects: [`${name}.>`] });
  await jsm.consumers.add(name, {
    durable_name: CONSUMER,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 5000,
  });
  return { nc, js: jetstream(nc), name, subjectOf: (n) => `${name}.paid.o${n}` };
};

/** Empties every stream: what one case left is not for the next one to handle. */
export const purgeStreams = async (url: string): Promise<void> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const jsm = await jetstreamManager(nc);
  for await (const { config } of jsm.streams.list()) await jsm.streams.purge(config.name);
  await nc.close();
};

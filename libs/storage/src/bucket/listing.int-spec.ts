import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { connectTo, openBucket, Profile, until } from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

const KEYS = 100_000;
/** What a listing may hold more than before it: two pages and what the client needs. All entries are twice as much. */
const BOUND_BYTES = 24 * 1024 * 1024;

let server: NatsServer;
let connection: MillraceConnection;
let profiles: JetStreamBucket<Profile>;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
  profiles = await openBucket(connection, Profile);
  const value = Buffer.from(JSON.stringify({ name: 'x'.repeat(200), age: 1 }));
  for (let at = 0; at < KEYS; at++) {
    connection.nc.publish(`$KV.profiles.key-${at}`, value);
    if (at % 10_000 === 0) await connection.nc.flush();
  }
  await until(
    'all are stored',
    async () =>
      (await connection.jsm.streams.info('KV_profiles')).state.messages === KEYS ? true : undefined,
    30_000,
  );
}, 60_000);

afterAll(async () => {
  await connection.close();
  await server.stop();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const heldBytes = (): number => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** How many there are, and the most that was held on the way. */
const measure = async (source: AsyncIterable<unknown>): Promise<{ count: number; peakBytes: number }> => {
  const before = heldBytes();
  let peakBytes = 0;
  let count = 0;
  for await (const _ of source) {
    if (++count % 25_000 === 0) peakBytes = Math.max(peakBytes, heldBytes() - before);
  }
  return { count, peakBytes };
};

describe('a bucket of 100,000 keys', () => {
  it.each(['keys', 'entries'] as const)(
    'lists its %s in bounded memory',
    async (how) => {
      const { count, peakBytes } = await measure(profiles[how]());
      expect(count).toBe(KEYS);
      expect(peakBytes).toBeLessThan(BOUND_BYTES);
    },
    60_000,
  );

  it('sends no more than a reader asks for', async () => {
    for await (const _ of profiles.keys()) {
      const consumers: number[] = [];
      for await (const { delivered } of connection.jsm.consumers.list('KV_profiles')) {
        consumers.push(delivered.consumer_seq);
      }
      expect(consumers).toHaveLength(1);
      expect(consumers[0]).toBeLessThanOrEqual(500);
      break;
    }
  });
});

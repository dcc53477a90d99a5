import { jest } from '@jest/globals';
import { IsInt } from 'class-validator';
import { startNatsCluster, type NatsCluster, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { Bucket, bucketDefinitionOf } from '../decorators/bucket.decorator.js';
import { provisionBucket } from '../provisioning/bucket.provisioner.js';
import { awaitEvents, connectTo, counted, Counted, until } from '../storage.fixture.js';
import { createBucket } from './bucket.factory.js';
import { JetStreamBucket } from './jetstream.bucket.js';

@Bucket('replicated', { replicas: 3, events: [Counted] })
class Replicated {
  @IsInt()
  total!: number;
}

const KEYS = ['a', 'b', 'c'];
const START_TIMEOUT_MS = 60_000;
/** The server waits ten seconds and more between attempts to take up a source again. */
const RELAY_TIMEOUT_MS = 90_000;

jest.setTimeout(START_TIMEOUT_MS + RELAY_TIMEOUT_MS);

let cluster: NatsCluster;
let connection: MillraceConnection;
let bucket: JetStreamBucket<Replicated>;

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
  await cluster.ready();
  connection = await connectTo(cluster.url, { requestTimeout: '20s', publish: { deadline: '20s' } });
  const definition = bucketDefinitionOf(Replicated);
  const contexts = { counter: { replicas: 3 } };
  const { readFrom } = await provisionBucket(connection, definition, { mode: 'create', contexts });
  bucket = createBucket(connection, definition, { readFrom, purgeEveryMs: 200 });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await bucket.close();
  await connection.close();
  await cluster.stop();
}, START_TIMEOUT_MS);

const streamLeader = (): Promise<NatsServer> =>
  until('the bucket has a leader', async () => {
    const info = await connection.jsm.streams.info('KV_replicated').catch(() => undefined);
    return cluster.servers.find(({ name }) => name === info?.cluster?.leader);
  });

const count = async (key: string): Promise<number> => {
  const { value } = await bucket.commit(key, (current) => {
    const total = (current?.value.total ?? 0) + 1;
    return { state: Object.assign(new Replicated(), { total }), events: [counted(key, total)] };
  });
  return value?.total ?? 0;
};

describe('a replicated bucket whose leader is killed', () => {
  it('goes on, and its values agree with their events', async () => {
    await Promise.all(KEYS.map((key) => count(key)));
    await awaitEvents(connection, 'counter', KEYS.length, RELAY_TIMEOUT_MS);
    const leader = await streamLeader();
    await leader.kill();
    expect(await Promise.all(KEYS.map((key) => count(key)))).toEqual([2, 2, 2]);
    await leader.restart();
    await cluster.ready();
    expect(await Promise.all(KEYS.map((key) => count(key)))).toEqual([3, 3, 3]);
    const events = await awaitEvents(connection, 'counter', 3 * KEYS.length, RELAY_TIMEOUT_MS);
    for (const key of KEYS) {
      const counts = events.filter(({ headers }) => headers['ce-subject'] === key).map(({ body }) => body);
      expect(counts).toEqual([1, 2, 3].map((total) => ({ counter: key, total })));
    }
  });

  it('answers a read that the killed leader took with it', async () => {
    await count('read');
    const leader = await streamLeader();
    await leader.pause();
    const read = bucket.get('read');
    await leader.kill();
    expect(await read).toMatchObject({ value: { total: 1 } });
    await leader.restart();
  });
});

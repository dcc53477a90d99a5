import { Kvm } from '@nats-io/kv';
import { IsInt } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { Bucket } from '../decorators/bucket.decorator.js';
import { BucketOptions } from '../bucket/bucket.definition.js';
import {
  awaitEvents,
  connectTo,
  counted,
  Counted,
  Counter,
  counter,
  deleteStreams,
  openBucket,
  Profile,
  profile,
  until,
} from '../storage.fixture.js';

let server: NatsServer;
let connection: MillraceConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

beforeEach(() => deleteStreams(connection));

const numbers = (options: BucketOptions): new () => { n: number } => {
  @Bucket('numbers', options)
  class Numbers {
    @IsInt()
    n!: number;
  }
  return Numbers;
};

const configOf = async (stream: string): Promise<Record<string, unknown>> => ({
  ...(await connection.jsm.streams.info(stream)).config,
});

describe('provisioning a bucket', () => {
  it('creates a standard key-value bucket', async () => {
    await openBucket(connection, Profile);
    expect(await configOf('KV_profiles')).toMatchObject({
      subjects: ['$KV.profiles.>', 'inbox.profiles.>', 'fence.profiles.>'],
      max_msgs_per_subject: 1,
      discard: 'new',
      storage: 'file',
      num_replicas: 1,
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
      allow_msg_ttl: true,
      allow_atomic: true,
    });
    const kv = await new Kvm(connection.nc).open('profiles');
    expect(await kv.status()).toMatchObject({ bucket: 'profiles', history: 1 });
  });

  it('keeps values as its options say', async () => {
    await openBucket(
      connection,
      numbers({ history: 5, ttl: '1m', storage: 'memory', maxBytes: 100_000, replicas: 1 }),
    );
    expect(await configOf('KV_numbers')).toMatchObject({
      max_msgs_per_subject: 5,
      max_age: 60_000_000_000,
      duplicate_window: 60_000_000_000,
      storage: 'memory',
      max_bytes: 100_000,
    });
  });

  it('updates what can be updated, and refuses what cannot', async () => {
    await openBucket(connection, numbers({ history: 1 }));
    await openBucket(connection, numbers({ history: 8, maxBytes: 1_000_000 }));
    expect(await configOf('KV_numbers')).toMatchObject({ max_msgs_per_subject: 8, max_bytes: 1_000_000 });
    await expect(openBucket(connection, numbers({ storage: 'memory' }))).rejects.toMatchObject({
      code: 'PROVISION_CONFLICT',
    });
  });

  it('leaves alone what the code does not say', async () => {
    await openBucket(connection, numbers({ history: 8 }));
    await openBucket(connection, numbers({}));
    expect(await configOf('KV_numbers')).toMatchObject({ max_msgs_per_subject: 8 });
  });

  it('takes over a bucket that another client made, with its values', async () => {
    const kv = await new Kvm(connection.nc).create('counters', { history: 3 });
    await kv.put('a', JSON.stringify({ total: 41 }));
    const counters = await openBucket(connection, Counter);
    await counters.commit('a', (current) => ({
      state: counter((current?.value.total ?? 0) + 1),
      events: [counted('a', 42)],
    }));
    expect(await counters.get('a')).toMatchObject({ value: { total: 42 } });
    await awaitEvents(connection, 'counter', 1);
    expect(await configOf('KV_counters')).toMatchObject({ max_msgs_per_subject: 3 });
  });

  it('adds an outbox to a bucket that had none, and its source to an event stream that exists', async () => {
    await openBucket(connection, numbers({}));
    await connection.jsm.streams.add({ name: 'EVENTS_counter', subjects: ['events.counter.*.*'] });
    const bucket = await openBucket(connection, numbers({ events: [Counted] }));
    await bucket.commit('a', () => ({ state: { n: 1 }, events: [counted('a', 1)] }));
    await awaitEvents(connection, 'counter', 1);
  });

  it('lets several buckets feed one context', async () => {
    const [counters, others] = await Promise.all([
      openBucket(connection, Counter),
      openBucket(connection, numbers({ events: [Counted] })),
    ]);
    await counters.commit('a', () => ({ events: [counted('a', 1)] }));
    await others.commit('a', () => ({ events: [counted('a', 2)] }));
    await awaitEvents(connection, 'counter', 2);
  });

  it('survives ten replicas that start at once', async () => {
    const replicas = await Promise.all(Array.from({ length: 10 }, () => connectTo(server.url)));
    const buckets = await Promise.all(replicas.map((replica) => openBucket(replica, Counter)));
    await Promise.all(
      buckets.map((bucket, at) =>
        bucket.commit(`key-${at}`, () => ({ state: counter(at), events: [counted(`key-${at}`, at)] })),
      ),
    );
    expect(await awaitEvents(connection, 'counter', 10)).toHaveLength(10);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it('only checks in bind mode', async () => {
    await expect(openBucket(connection, Profile, { mode: 'bind' })).rejects.toMatchObject({
      code: 'PROVISION_MISSING',
    });
    await openBucket(connection, numbers({}));
    await expect(
      openBucket(connection, numbers({ events: [Counted] }), { mode: 'bind' }),
    ).rejects.toMatchObject({
      code: 'PROVISION_CONFLICT',
    });
    await openBucket(connection, Profile);
    const profiles = await openBucket(connection, Profile, { mode: 'bind' });
    await profiles.put('ann', profile('Ann'));
  });

  it('drops values that are older than the ttl', async () => {
    const bucket = await openBucket(connection, numbers({ ttl: '300ms' }));
    await bucket.create('a', { n: 1 });
    const expired = async (): Promise<boolean> => !(await bucket.has('a'));
    await until('it has expired', async () => ((await expired()) ? true : undefined));
    await bucket.create('a', { n: 2 });
  });
});

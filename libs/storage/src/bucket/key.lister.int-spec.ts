import { Kvm } from '@nats-io/kv';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { connectTo, deleteStreams, openBucket, Profile, profile } from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

let server: NatsServer;
let connection: MillraceConnection;
let profiles: JetStreamBucket<Profile>;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  profiles = await openBucket(connection, Profile);
});

const keysOf = async (bucket: JetStreamBucket<Profile>): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of bucket.keys()) keys.push(key);
  return keys;
};

describe('keys', () => {
  const HOSTILE = [
    'a b',
    'a.b',
    '*',
    '>',
    'a.>',
    '',
    '_',
    '=',
    '==',
    '😀',
    'ß',
    '/',
    '\r\n',
    '$KV',
    'k'.repeat(10_240),
  ];

  it.each(HOSTILE.map((key) => [JSON.stringify(key.slice(0, 20)), key]))(
    'takes any string as a key: %s',
    async (_, key) => {
      const revision = await profiles.create(key, profile('Ann'));
      expect(await profiles.get(key)).toMatchObject({ key, revision });
      expect(await keysOf(profiles)).toEqual([key]);
      await profiles.update(key, profile('Bob'), revision);
      await profiles.delete(key);
      expect(await profiles.get(key)).toBeUndefined();
      expect(await keysOf(profiles)).toEqual([]);
    },
  );

  it('keeps hostile keys apart from each other', async () => {
    await Promise.all(HOSTILE.map((key, age) => profiles.create(key, profile('Ann', age))));
    const read = await Promise.all(HOSTILE.map((key) => profiles.get(key)));
    expect(read.map((entry) => entry?.value.age)).toEqual(HOSTILE.map((_, age) => age));
    expect((await keysOf(profiles)).sort()).toEqual([...HOSTILE].sort());
  });

  it('lists nothing of an empty bucket', async () => {
    expect(await keysOf(profiles)).toEqual([]);
  });

  it('lists and counts every key once over many pages, without the deleted', async () => {
    const keys = Array.from({ length: 1203 }, (_, at) => `key ${at}`);
    await Promise.all(keys.map((key) => profiles.put(key, profile('Ann'))));
    await Promise.all(keys.filter((_, at) => at % 3 === 0).map((key) => profiles.delete(key)));
    const left = keys.filter((_, at) => at % 3 !== 0);
    expect((await keysOf(profiles)).sort()).toEqual(left.sort());
    expect(await profiles.count()).toBe(left.length);
    expect(await profiles.count((key) => key.endsWith('7'))).toBe(
      left.filter((key) => key.endsWith('7')).length,
    );
  });

  it('leaves no consumer behind when a listing is given up', async () => {
    await Promise.all(['a', 'b', 'c'].map((key) => profiles.put(key, profile('Ann'))));
    for await (const key of profiles.keys()) {
      expect(key).toBeDefined();
      break;
    }
    expect((await connection.jsm.streams.info('KV_profiles')).state.consumer_count).toBe(0);
  });

  it('leaves out keys that only another client can spell', async () => {
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.put('a.b', '{}');
    await kv.put('a/b', '{}');
    await profiles.put('a', profile('Ann'));
    expect(await keysOf(profiles)).toEqual(['a']);
  });
});

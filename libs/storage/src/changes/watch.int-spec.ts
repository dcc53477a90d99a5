import { Kvm } from '@nats-io/kv';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { JetStreamBucket } from '../bucket/jetstream.bucket.js';
import { connectTo, deleteStreams, openBucket, Profile, profile } from '../storage.fixture.js';
import { Change } from './change.js';

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

/** The first `count` changes, in short. */
const take = async (watch: AsyncIterable<Change<Profile>>, count: number): Promise<string[]> => {
  const seen: string[] = [];
  for await (const change of watch) {
    seen.push(`${change.kind} ${change.key} ${change.value?.age ?? '-'}`);
    if (seen.length === count) break;
  }
  return seen;
};

const consumers = async (): Promise<number> =>
  (await connection.jsm.streams.info('KV_profiles')).state.consumer_count;

describe('watch', () => {
  it('tells what changes from the call on, each kind by its name, with its revision and time', async () => {
    await profiles.put('before', profile('Before'));
    const watch = profiles.watch();
    await watch.ready;
    // One after the other: with a history of 1, what is overwritten before it was taken is gone.
    const steps = [
      () => profiles.put('ann', profile('Ann', 1)),
      () => profiles.delete('ann'),
      () => profiles.put('bob', profile('Bob', 2)),
      () => profiles.purge('bob'),
      () => profiles.put('cid', profile('Cid', 3), { ttl: '1s' }),
    ];
    const changes: Change<Profile>[] = [];
    await steps.shift()?.();
    for await (const change of watch) {
      changes.push(change);
      if (change.kind === 'expire') break;
      await steps.shift()?.();
    }
    expect(changes.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'put ann',
      'delete ann',
      'put bob',
      'purge bob',
      'put cid',
      'expire cid',
    ]);
    expect(changes[0]?.value).toBeInstanceOf(Profile);
    expect(changes.map(({ revision }) => revision)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(Math.abs((changes[0]?.at.getTime() ?? 0) - Date.now())).toBeLessThan(30_000);
  });

  it('begins with the newest change of every key on request', async () => {
    await profiles.put('ann', profile('Ann', 1));
    await profiles.put('ann', profile('Ann', 2));
    await profiles.put('bob', profile('Bob', 3));
    await profiles.delete('bob');
    await profiles.put('cid', profile('Cid', 4));
    const seen: string[] = [];
    for await (const { kind, key, value } of profiles.watch(undefined, { from: 'all' })) {
      seen.push(`${kind} ${key} ${value?.age ?? '-'}`);
      if (seen.length === 3) await profiles.put('dan', profile('Dan', 5));
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(['put ann 2', 'delete bob -', 'put cid 4', 'put dan 5']);
  });

  it('begins at a revision', async () => {
    const first = await profiles.put('ann', profile('Ann', 1));
    const second = await profiles.put('bob', profile('Bob', 2));
    expect(await take(profiles.watch(undefined, { from: second }), 1)).toEqual(['put bob 2']);
    expect(await take(profiles.watch(undefined, { from: first }), 2)).toEqual(['put ann 1', 'put bob 2']);
  });

  it('tells only of the keys that are wanted', async () => {
    for (const key of ['eu.ann', 'us.bob', 'eu.west.cid', 'eu.dan']) await profiles.put(key, profile(key));
    const watch = (filter: string, count: number): Promise<string[]> =>
      take(profiles.watch(filter, { from: 'all' }), count);
    expect(await watch('eu.*', 2)).toEqual(['put eu.ann 1', 'put eu.dan 1']);
    expect(await watch('us.bob', 1)).toEqual(['put us.bob 1']);
    expect(await watch('*.*.cid', 1)).toEqual(['put eu.west.cid 1']);
  });

  it('tells of a value that cannot be read, and goes on', async () => {
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.put('bad', 'garbage');
    await profiles.put('ann', profile('Ann'));
    const changes: Change<Profile>[] = [];
    for await (const change of profiles.watch(undefined, { from: 'all' })) {
      changes.push(change);
      if (changes.length === 2) break;
    }
    expect(changes[0]).toMatchObject({ kind: 'put', key: 'bad', error: { code: 'VALUE_UNREADABLE' } });
    expect(changes[0]?.value).toBeUndefined();
    expect(changes[1]).toMatchObject({ key: 'ann', value: { name: 'Ann' } });
  });

  it.each(['stop', 'signal', 'break'] as const)('ends by %s, and leaves no consumer behind', async (how) => {
    const controller = new AbortController();
    const watch = profiles.watch(undefined, { signal: controller.signal });
    await watch.ready;
    await profiles.put('ann', profile('Ann'));
    let seen = 0;
    for await (const _ of watch) {
      seen++;
      if (how === 'break') break;
      // Ends the wait for a change that never comes.
      setTimeout(() => (how === 'stop' ? watch.stop() : controller.abort()), 10);
    }
    expect(seen).toBe(1);
    for (let left = await consumers(); left > 0; left = await consumers());
    expect(await consumers()).toBe(0);
  });

  it('ends when the connection is closed', async () => {
    const own = await connectTo(server.url);
    const bucket = await openBucket(own, Profile);
    const watch = bucket.watch();
    await watch.ready;
    const ending = take(watch, 1);
    await own.close();
    expect(await ending).toEqual([]);
  });

  it('begins again with a stream that was made anew', async () => {
    await profiles.put('old', profile('Old'));
    const watch = profiles.watch();
    await watch.ready;
    const watching = take(watch, 2);
    await deleteStreams(connection);
    profiles = await openBucket(connection, Profile);
    await profiles.put('ann', profile('Ann'));
    await profiles.put('bob', profile('Bob'));
    expect(await watching).toEqual(['put ann 1', 'put bob 1']);
  }, 30_000);
});

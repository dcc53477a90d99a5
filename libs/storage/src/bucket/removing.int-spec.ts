import { Kvm } from '@nats-io/kv';
import { IsInt } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { Bucket } from '../decorators/bucket.decorator.js';
import { connectTo, deleteStreams, openBucket, Profile, profile } from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

@Bucket('versions', { history: 3 })
class Version {
  @IsInt()
  at!: number;
}

const version = (at: number): Version => Object.assign(new Version(), { at });

let server: NatsServer;
let connection: MillraceConnection;
let other: MillraceConnection;
let profiles: JetStreamBucket<Profile>;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
  other = await connectTo(server.url);
});

afterAll(async () => {
  await Promise.all([connection.close(), other.close()]);
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(connection);
  profiles = await openBucket(connection, Profile);
});

const collect = async <A>(source: AsyncIterable<A>): Promise<A[]> => {
  const items: A[] = [];
  for await (const item of source) items.push(item);
  return items;
};

describe('pop', () => {
  it('gives the value to exactly one of fifty callers on two connections, and undefined to the others', async () => {
    const elsewhere = await openBucket(other, Profile);
    for (let round = 0; round < 10; round++) {
      await profiles.put('ann', profile('Ann', round));
      const popped = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? profiles : elsewhere).pop('ann')),
      );
      expect(popped.filter((entry) => entry !== undefined)).toMatchObject([{ value: { age: round } }]);
      expect(await profiles.has('ann')).toBe(false);
    }
  });

  it('hands out each of many writes once, while it is written', async () => {
    const popped: number[] = [];
    let writing = true;
    const popping = Promise.all(
      [profiles, await openBucket(other, Profile)].map(async (bucket) => {
        for (;;) {
          const last = !writing;
          const entry = await bucket.pop('ann');
          if (entry) popped.push(entry.value.age);
          else if (last) return;
        }
      }),
    );
    for (let age = 0; age < 100;) {
      const created = await profiles.create('ann', profile('Ann', age)).catch(() => undefined);
      if (created !== undefined) age++;
    }
    writing = false;
    await popping;
    expect(popped.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, age) => age));
  });

  it('answers undefined for no value, and leaves one that it cannot read', async () => {
    expect(await profiles.pop('ann')).toBeUndefined();
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.put('ann', 'garbage');
    await expect(profiles.pop('ann')).rejects.toMatchObject({ code: 'VALUE_UNREADABLE' });
    expect(await profiles.has('ann')).toBe(true);
  });
});

describe('purge', () => {
  it('removes a key with its revisions, of the revision that is named only', async () => {
    const versions = await openBucket(connection, Version);
    const first = await versions.put('a', version(1));
    await versions.put('a', version(2));
    await expect(versions.purge('a', { revision: first })).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
    });
    expect(await versions.history('a')).toHaveLength(2);
    await versions.purge('a');
    expect((await versions.history('a')).map(({ kind }) => kind)).toEqual(['purge']);
    expect(await versions.get('a')).toBeUndefined();
  });

  it('leaves a mark that other clients read, and that is gone after a while', async () => {
    await connection.jsm.streams.delete('KV_profiles');
    @Bucket('profiles', { markerTtl: '1s' })
    class Brief {
      @IsInt()
      age!: number;
    }
    const brief = await openBucket(connection, Brief);
    await brief.put('ann', { age: 1 });
    const kv = await new Kvm(connection.nc).open('profiles');
    const kinds: string[] = [];
    const watch = await kv.watch();
    await brief.purge('ann');
    for await (const { operation } of watch) {
      kinds.push(operation);
      if (operation === 'PURGE') break;
    }
    expect(kinds.at(-1)).toBe('PURGE');
    const messages = async (): Promise<number> =>
      (await connection.jsm.streams.info('KV_profiles')).state.messages;
    const deadline = Date.now() + 10_000;
    while ((await messages()) > 0 && Date.now() < deadline);
    expect(await messages()).toBe(0);
  });
});

describe('clear', () => {
  it('removes every key, tells how many, and shows each to a watch', async () => {
    const keys = Array.from({ length: 700 }, (_, at) => `key.${at}`);
    await Promise.all(keys.map((key) => profiles.put(key, profile('Ann'))));
    await profiles.delete('key.0');
    const watch = profiles.watch();
    await watch.ready;
    expect(await profiles.clear()).toBe(699);
    expect(await profiles.count()).toBe(0);
    const purged = new Set<string>();
    for await (const { kind, key } of watch) {
      expect(kind).toBe('purge');
      if (purged.add(key).size === 699) break;
    }
    expect(await profiles.clear()).toBe(0);
  });
});

describe('history', () => {
  it('tells what the bucket keeps of a key, oldest first, and of no other key', async () => {
    const versions = await openBucket(connection, Version);
    for (const at of [1, 2, 3]) await versions.put('a', version(at));
    await versions.put('b', version(9));
    await versions.delete('a');
    expect(await versions.history('a')).toMatchObject([
      { kind: 'put', key: 'a', value: { at: 2 }, revision: 2 },
      { kind: 'put', key: 'a', value: { at: 3 }, revision: 3 },
      { kind: 'delete', key: 'a', revision: 5 },
    ]);
    expect(await versions.history('nothing')).toEqual([]);
  });
});

describe('count and entries', () => {
  beforeEach(async () => {
    const keys = ['eu.ann', 'eu.bob', 'eu.west.cid', 'us.dan', 'us.eve'];
    await Promise.all(keys.map((key, age) => profiles.put(key, profile(key, age))));
    await profiles.delete('us.eve');
  });

  it.each([
    [undefined, ['eu.ann', 'eu.bob', 'eu.west.cid', 'us.dan']],
    ['eu.*', ['eu.ann', 'eu.bob']],
    ['us.dan', ['us.dan']],
    ['us.eve', []],
    ['nobody', []],
  ])('of %p', async (filter, wanted) => {
    expect((await collect(profiles.keys(filter))).sort()).toEqual(wanted);
    const entries = await collect(profiles.entries(filter));
    expect(entries.map(({ key, value }) => `${key} ${value.name}`).sort()).toEqual(
      wanted.map((key) => `${key} ${key}`),
    );
    expect(await profiles.count(filter)).toBe(wanted.length);
  });

  it('goes on after a revision, with what was written since at its end', async () => {
    const all = await collect(profiles.entries());
    expect(await collect(profiles.entries(undefined, { after: all[1]?.revision }))).toEqual(all.slice(2));
    await profiles.put('eu.ann', profile('Ann'));
    await profiles.delete('us.dan');
    const since = await collect(profiles.entries('eu.>', { after: all.at(-1)?.revision }));
    expect(since.map(({ key, value }) => `${key} ${value.name}`)).toEqual(['eu.ann Ann']);
    expect(await collect(profiles.entries(undefined, { after: since[0]?.revision }))).toEqual([]);
    expect(() => profiles.entries(undefined, { after: 0 })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });

  it('begins at a time', async () => {
    const all = await collect(profiles.entries());
    const wanted = all.filter(({ updatedAt }) => updatedAt >= all[2]!.updatedAt);
    const since = all[2]!.updatedAt;
    expect(await collect(profiles.entries(undefined, { since }))).toEqual(wanted);
    const after = wanted[0]?.revision;
    expect(await collect(profiles.entries(undefined, { since, after }))).toEqual(wanted.slice(1));
    const later = new Date(Date.now() + 60_000);
    expect(await collect(profiles.entries(undefined, { since: later }))).toEqual([]);
  });

  it('goes on after a revision where older ones are kept too', async () => {
    const versions = await openBucket(connection, Version);
    for (const [key, at] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
    ] as const)
      await versions.put(key, version(at));
    const since = await collect(versions.entries(undefined, { after: 2 }));
    expect(since.map(({ key, revision }) => `${key} ${revision}`)).toEqual(['a 3', 'c 4']);
    expect(await collect(versions.entries(undefined, { after: 1 }))).toHaveLength(3);
    const { updatedAt } = await versions.getOrFail('a');
    const { length } = await collect(versions.entries(undefined, { since: updatedAt }));
    expect([2, 3]).toContain(length);
    expect(await collect(versions.entries(undefined, { since: new Date(Date.now() + 60_000) }))).toEqual([]);
  });

  it('reads large values in small pages, and small ones in large pages', async () => {
    const values = Array.from({ length: 60 }, (_, at) => profile('x'.repeat(at < 20 ? 500_000 : 10), at));
    await Promise.all(values.map((value, at) => profiles.put(`large ${at}`, value)));
    const entries = await collect(profiles.entries((key) => key.startsWith('large')));
    expect(entries.map(({ value }) => value.age).sort((a, b) => a - b)).toEqual(values.map(({ age }) => age));
  });

  it('stops at a value that cannot be read', async () => {
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.put('bad', 'garbage');
    await expect(collect(profiles.entries())).rejects.toMatchObject({ code: 'VALUE_UNREADABLE' });
    expect(await profiles.count()).toBe(5);
  });
});

import { Kvm } from '@nats-io/kv';
import { IsInt } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { JetStreamBucket } from '../bucket/jetstream.bucket.js';
import { Bucket } from '../decorators/bucket.decorator.js';
import { LossyProxy } from '../lossy-proxy.fixture.js';
import {
  connectTo,
  deleteStreams,
  openBucket,
  Profile,
  profile,
  thrownBy,
  until,
} from '../storage.fixture.js';
import { CachedBucket } from './cached.bucket.js';

@Bucket('brief', { markerTtl: '1s' })
class Brief {
  @IsInt()
  at!: number;
}

const brief = (at: number): Brief => Object.assign(new Brief(), { at });

let server: NatsServer;
let connection: MillraceConnection;
let profiles: JetStreamBucket<Profile>;
let cache: CachedBucket<Profile>;

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
  cache = profiles.cached();
});

afterEach(() => cache.close());

const current = (bucket: CachedBucket<object>): Promise<boolean> =>
  until('the cache is current', () => bucket.isCurrent || undefined, 20_000);

describe('CachedBucket', () => {
  it('answers from memory what the bucket has, once it is loaded', async () => {
    await Promise.all(
      Array.from({ length: 1000 }, (_, age) => profiles.put(`key ${age}`, profile('Ann', age))),
    );
    await profiles.delete('key 0');
    expect(thrownBy(() => cache.get('key 1'))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await cache.start();
    expect(cache.size).toBe(999);
    expect(cache.isCurrent).toBe(true);
    expect(cache.get('key 0')).toBeUndefined();
    expect(cache.get('key 7')).toEqual(await profiles.get('key 7'));
    expect(cache.get('key 7')?.value).toBeInstanceOf(Profile);
    expect([...cache.keys()].sort()).toHaveLength(999);
  });

  it('is loaded at once where the bucket is empty', async () => {
    await cache.start();
    expect(cache.size).toBe(0);
    expect(cache.get('ann')).toBeUndefined();
  });

  it('reads one’s own writes after waitFor, of each kind', async () => {
    await cache.start();
    await cache.waitFor(await profiles.put('ann', profile('Ann', 1)));
    expect(cache.get('ann')).toMatchObject({ value: { age: 1 } });
    await cache.waitFor(await profiles.put('ann', profile('Ann', 2)));
    expect(cache.get('ann')).toMatchObject({ value: { age: 2 } });
    await cache.waitFor(await profiles.delete('ann'));
    expect(cache.has('ann')).toBe(false);
    await cache.waitFor(await profiles.put('ann', profile('Ann', 3)));
    await cache.waitFor(await profiles.purge('ann'));
    expect(cache.has('ann')).toBe(false);
  });

  it('gives up waiting for a revision that does not come', async () => {
    await cache.start();
    await expect(cache.waitFor(1_000_000, { timeout: '50ms' })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    const waiting = cache.waitFor(1_000_000);
    cache.close();
    await expect(waiting).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('forgets what expires, also where the key is too long to be spelled', async () => {
    await cache.start();
    const long = 'k'.repeat(1000);
    await profiles.put('ann', profile('Ann'), { ttl: '1s' });
    await cache.waitFor(await profiles.put(long, profile('Long'), { ttl: '1s' }));
    expect(cache.size).toBe(2);
    await until('both are gone', () => (cache.size === 0 ? true : undefined));
  });

  it('gives nobody a value to change', async () => {
    await cache.start();
    await cache.waitFor(await profiles.put('ann', profile('Ann', 1)));
    expect(() => Object.assign(cache.get('ann')?.value ?? {}, { age: 2 })).toThrow(TypeError);
  });

  it('fails to read what cannot be read, until it is mended', async () => {
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.put('ann', 'garbage');
    await cache.start();
    expect(cache.has('ann')).toBe(true);
    expect(thrownBy(() => cache.get('ann'))).toMatchObject({ code: 'VALUE_UNREADABLE' });
    await cache.waitFor(await profiles.put('ann', profile('Ann')));
    expect(cache.get('ann')).toMatchObject({ value: { name: 'Ann' } });
  });

  it('knows that it is not current while the server is away, and catches up after its restart', async () => {
    await profiles.put('ann', profile('Ann', 1));
    await cache.start();
    await server.kill();
    await until('the loss is noticed', () => (cache.isCurrent ? undefined : true));
    expect(cache.get('ann')).toMatchObject({ value: { age: 1 } });
    await server.restart();
    await current(cache);
    await cache.waitFor(await profiles.put('ann', profile('Ann', 2)));
    expect(cache.get('ann')).toMatchObject({ value: { age: 2 } });
  }, 20_000);

  it('starts over with a stream that was made anew', async () => {
    await profiles.put('old', profile('Old'));
    await cache.start();
    await deleteStreams(connection);
    profiles = await openBucket(connection, Profile);
    await profiles.put('ann', profile('Ann'));
    await until('the old is gone', () => (cache.has('old') ? undefined : true));
    await until('the new is there', () => cache.get('ann'));
  }, 20_000);
});

describe('a cache that was cut off', () => {
  let proxy: LossyProxy;
  let own: MillraceConnection;

  beforeEach(async () => {
    proxy = await LossyProxy.before(server.url);
    own = await connectTo(proxy.url);
  });

  afterEach(async () => {
    await own.close();
    await proxy.stop();
  });

  it('misses no change and no removal', async () => {
    const away = (await openBucket(own, Profile)).cached();
    for (const key of ['deleted', 'purged', 'changed', 'kept']) await profiles.put(key, profile('Ann', 1));
    await profiles.put('expired', profile('Ann'), { ttl: '1s' });
    await away.start();
    expect(away.size).toBe(5);
    proxy.loseAnswers();
    await profiles.delete('deleted');
    await profiles.purge('purged');
    await profiles.put('changed', profile('Ann', 2));
    await profiles.put('new', profile('Ann', 3));
    await until('it expired', async () => ((await profiles.has('expired')) ? undefined : true));
    proxy.mend();
    await until('it has heard', () => (away.has('new') ? true : undefined));
    await current(away);
    expect([...away.keys()].sort()).toEqual(['changed', 'kept', 'new']);
    expect(away.get('changed')).toMatchObject({ value: { age: 2 } });
  }, 20_000);

  it('misses no removal whose mark is gone already', async () => {
    const away = (await openBucket(own, Brief)).cached();
    const briefs = await openBucket(connection, Brief);
    await briefs.put('purged', brief(1));
    await briefs.put('kept', brief(2));
    await away.start();
    proxy.loseAnswers();
    await briefs.purge('purged');
    await until('the mark is gone', async () =>
      (await connection.jsm.streams.info('KV_brief')).state.messages === 1 ? true : undefined,
    );
    proxy.mend();
    await until('it is gone here too', () => (away.has('purged') ? undefined : true));
    await current(away);
    expect([...away.keys()]).toEqual(['kept']);
  }, 20_000);
});

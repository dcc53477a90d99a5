import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { LossyProxy } from '../lossy-proxy.fixture.js';
import {
  awaitEvents,
  connectTo,
  counted,
  Counter,
  counter,
  deleteStreams,
  noted,
  openBucket,
  Profile,
  profile,
  until,
} from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

let server: NatsServer;
let proxy: LossyProxy;
/** What the tests look through. */
let direct: MillraceConnection;
/** What loses its answers. */
let lossy: MillraceConnection;

beforeAll(async () => {
  server = await startNatsServer();
  proxy = await LossyProxy.before(server.url);
  direct = await connectTo(server.url);
  lossy = await connectTo(proxy.url, { publish: { deadline: '20s', ackTimeout: '1s' } });
});

afterAll(async () => {
  await lossy.close();
  await direct.close();
  await proxy.stop();
  await server.stop();
});

beforeEach(() => deleteStreams(direct));

const stored = (bucket: JetStreamBucket<Profile>, key: string, age: number): Promise<number> =>
  until(`${key} has ${age}`, async () => {
    const entry = await bucket.get(key);
    return entry?.value.age === age ? entry.revision : undefined;
  });

describe('a write whose answer is lost', () => {
  let seen: JetStreamBucket<Profile>;
  let profiles: JetStreamBucket<Profile>;

  beforeEach(async () => {
    seen = await openBucket(direct, Profile);
    profiles = await openBucket(lossy, Profile);
  });

  it('succeeds with the revision it was stored under, although its repetition conflicts', async () => {
    const first = await profiles.create('ann', profile('Ann', 1));
    proxy.loseAnswers();
    const update = profiles.update('ann', profile('Ann', 2), first);
    const revision = await stored(seen, 'ann', 2);
    proxy.mend();
    expect(await update).toBe(revision);
  });

  it('succeeds in creating, although its repetition finds the key taken', async () => {
    proxy.loseAnswers();
    const create = profiles.create('ann', profile('Ann', 1));
    const revision = await stored(seen, 'ann', 1);
    proxy.mend();
    expect(await create).toBe(revision);
  });

  it('succeeds even when another writer has overwritten it meanwhile', async () => {
    proxy.loseAnswers();
    const create = profiles.create('ann', profile('Ann', 1));
    const revision = await stored(seen, 'ann', 1);
    const newer = await seen.put('ann', profile('Ann', 2));
    proxy.mend();
    expect(await create).toBe(revision);
    expect(await seen.get('ann')).toMatchObject({ revision: newer, value: { age: 2 } });
    const keys: string[] = [];
    for await (const key of seen.keys()) keys.push(key);
    expect(keys).toEqual(['ann']);
  });

  it('is stored once by put', async () => {
    proxy.loseAnswers();
    const put = profiles.put('ann', profile('Ann', 1));
    const revision = await stored(seen, 'ann', 1);
    proxy.mend();
    expect(await put).toBe(revision);
    expect((await direct.jsm.streams.info('KV_profiles')).state.last_seq).toBe(revision);
  });
});

describe('a write that is lost itself', () => {
  it('conflicts with what another writer wrote meanwhile', async () => {
    const seen = await openBucket(direct, Profile);
    const profiles = await openBucket(lossy, Profile);
    const first = await profiles.create('ann', profile('Ann', 1));
    proxy.loseRequests();
    const update = profiles.update('ann', profile('Ann', 2), first);
    await until('it was lost', () => (proxy.hasLost ? true : undefined));
    const newer = await seen.put('ann', profile('Ann', 3));
    proxy.mend();
    await expect(update).rejects.toMatchObject({ code: 'REVISION_CONFLICT', expected: first, found: newer });
    expect(await seen.get('ann')).toMatchObject({ revision: newer, value: { age: 3 } });
  });

  it('is repeated when the connection is back', async () => {
    const profiles = await openBucket(lossy, Profile);
    proxy.loseRequests();
    const create = profiles.create('ann', profile('Ann', 1));
    await until('it was lost', () => (proxy.hasLost ? true : undefined));
    proxy.mend();
    const revision = await create;
    expect(await profiles.get('ann')).toMatchObject({ revision, value: { age: 1 } });
  });
});

describe('a read whose answer is lost', () => {
  it('is asked again as soon as the connection is back', async () => {
    const profiles = await openBucket(lossy, Profile);
    await profiles.create('ann', profile('Ann', 1));
    proxy.loseAnswers();
    const read = profiles.get('ann');
    await until('it was answered in vain', () => (proxy.hasLost ? true : undefined));
    const begun = Date.now();
    proxy.mend();
    expect(await read).toMatchObject({ value: { age: 1 } });
    expect(Date.now() - begun).toBeLessThan(3000);
  });
});

describe('a commit whose answer is lost', () => {
  let seen: JetStreamBucket<Counter>;
  let counters: JetStreamBucket<Counter>;

  beforeEach(async () => {
    seen = await openBucket(direct, Counter);
    counters = await openBucket(lossy, Counter);
  });

  const total = (key: string, wanted: number): Promise<number> =>
    until(`${key} counts ${wanted}`, async () => {
      const entry = await seen.get(key);
      return entry?.value.total === wanted ? entry.revision : undefined;
    });

  /** Commits an increment; `trouble` begins once the key has been read. Counts how often it was decided. */
  const commitAmid = (trouble: () => void): { commit: Promise<{ revision: number }>; runs: () => number } => {
    let runs = 0;
    const commit = counters.commit('a', (current) => {
      if (++runs === 1) trouble();
      const next = (current?.value.total ?? 0) + 1;
      return { state: counter(next), events: [counted('a', next), noted(`a is ${next}`)] };
    });
    return { commit, runs: () => runs };
  };

  it('succeeds with its revision, decided once, each event there once', async () => {
    const { commit, runs } = commitAmid(() => proxy.loseAnswers());
    const revision = await total('a', 1);
    proxy.mend();
    expect(await commit).toMatchObject({ revision });
    expect(runs()).toBe(1);
    expect(await awaitEvents(direct, 'counter', 1)).toHaveLength(1);
    expect(await awaitEvents(direct, 'audit', 1)).toHaveLength(1);
  });

  it('succeeds with its revision when another writer has overwritten its state', async () => {
    const { commit, runs } = commitAmid(() => proxy.loseAnswers());
    const revision = await total('a', 1);
    await seen.put('a', counter(10));
    proxy.mend();
    expect(await commit).toMatchObject({ revision });
    expect(runs()).toBe(1);
    expect(await seen.get('a')).toMatchObject({ value: { total: 10 } });
    expect(await awaitEvents(direct, 'counter', 1)).toHaveLength(1);
  });

  it('is sent again, decided once, when it was lost whole', async () => {
    const { commit, runs } = commitAmid(() => proxy.loseRequests());
    await until('it was lost', () => (proxy.hasLost ? true : undefined));
    proxy.mend();
    await commit;
    expect(runs()).toBe(1);
    expect(await seen.get('a')).toMatchObject({ value: { total: 1 } });
    expect(await awaitEvents(direct, 'audit', 1)).toHaveLength(1);
  });

  it('is sent again when only its beginning arrived', async () => {
    const { commit, runs } = commitAmid(() => proxy.loseRequestsFrom('Nats-Batch-Commit'));
    await until('its end was lost', () => (proxy.hasLost ? true : undefined));
    proxy.mend();
    await commit;
    expect(runs()).toBe(1);
    expect(await seen.get('a')).toMatchObject({ value: { total: 1 } });
    expect(await awaitEvents(direct, 'counter', 1)).toHaveLength(1);
    expect(await awaitEvents(direct, 'audit', 1)).toHaveLength(1);
  });

  it('is decided anew when it was lost and another writer came first', async () => {
    const { commit, runs } = commitAmid(() => proxy.loseRequests());
    await until('it was lost', () => (proxy.hasLost ? true : undefined));
    await seen.put('a', counter(10));
    proxy.mend();
    await commit;
    expect(runs()).toBe(2);
    const events = await awaitEvents(direct, 'counter', 1);
    expect(events.map(({ body }) => body)).toEqual([{ counter: 'a', total: 11 }]);
  });

  it('stores an event alone once', async () => {
    const { revision } = await counters.commit('a', () => ({ state: counter(1) }));
    const commit = counters.commit('a', () => {
      proxy.loseAnswers();
      return { events: [counted('a', 1)] };
    });
    await awaitEvents(direct, 'counter', 1);
    proxy.mend();
    expect(await commit).toMatchObject({ revision });
    expect(await awaitEvents(direct, 'counter', 1)).toHaveLength(1);
  });
});

import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import {
  awaitEvents,
  connectTo,
  counted,
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
});

afterAll(() => server.stop());

afterEach(() => connection.close());

const connected = async (options: Parameters<typeof connectTo>[1] = {}): Promise<void> => {
  connection = await connectTo(server.url, options);
  await deleteStreams(connection);
};

describe('a server that is killed', () => {
  it('keeps every value that was confirmed', async () => {
    await connected();
    const profiles = await openBucket(connection, Profile);
    const keys = Array.from({ length: 200 }, (_, at) => `key-${at}`);
    const revisions = await Promise.all(keys.map((key, age) => profiles.put(key, profile('Ann', age))));
    await server.restart({ signal: 'SIGKILL' });
    const entries = await Promise.all(keys.map((key) => profiles.get(key)));
    expect(entries.map((entry) => entry?.revision)).toEqual(revisions);
    expect(entries.map((entry) => entry?.value.age)).toEqual(keys.map((_, age) => age));
  });

  it('fails reads and writes with typed errors within their bounds', async () => {
    await connected({ requestTimeout: '500ms', publish: { deadline: '800ms', ackTimeout: '200ms' } });
    const profiles = await openBucket(connection, Profile);
    const counters = await openBucket(connection, Counter);
    const revision = await profiles.put('ann', profile('Ann'));
    await server.kill();
    const begun = Date.now();
    const unavailable = { code: 'STORAGE_UNAVAILABLE' };
    const unconfirmed = { code: 'PUBLISH_TIMEOUT', mayBeStored: expect.any(Boolean) };
    await Promise.all([
      expect(profiles.get('ann')).rejects.toMatchObject(unavailable),
      expect(profiles.has('ann')).rejects.toMatchObject(unavailable),
      expect(profiles.put('ann', profile('Bob'))).rejects.toMatchObject(unconfirmed),
      expect(profiles.update('ann', profile('Bob'), revision)).rejects.toMatchObject(unconfirmed),
      expect(profiles.create('bob', profile('Bob'))).rejects.toMatchObject(unconfirmed),
      expect(profiles.delete('ann')).rejects.toMatchObject(unconfirmed),
      expect(counters.commit('a', () => ({ state: counter(1) }))).rejects.toMatchObject(unavailable),
      expect(profiles.keys()[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable),
    ]);
    expect(Date.now() - begun).toBeLessThan(3000);
    await server.restart();
  });

  it('answers reads again as soon as it is back', async () => {
    await connected({ requestTimeout: '20s' });
    const profiles = await openBucket(connection, Profile);
    await profiles.put('ann', profile('Ann'));
    await server.kill();
    const read = profiles.get('ann');
    await server.restart();
    expect(await read).toMatchObject({ value: { name: 'Ann' } });
  });

  it('fails a commit that it could not confirm, and says that it may be stored', async () => {
    await connected({ publish: { deadline: '800ms', ackTimeout: '200ms' } });
    const counters = await openBucket(connection, Counter);
    const commit = counters.commit('a', async () => {
      await server.pause();
      return { state: counter(1), events: [counted('a', 1)] };
    });
    await expect(commit).rejects.toMatchObject({ code: 'PUBLISH_TIMEOUT', mayBeStored: true });
    await server.resume();
    // What was sent may still be carried out: then all of it, never a part.
    const { state } = await until('the server has caught up', () =>
      connection.jsm.streams.info('KV_counters'),
    );
    expect([0, 2]).toContain(state.messages);
  });
});

describe('commits while the server is killed and started again', () => {
  it('agree with their events, each counted exactly once', async () => {
    await connected({ publish: { deadline: '30s', ackTimeout: '500ms' } });
    const counters = await openBucket(connection, Counter);
    const keys = ['a', 'b', 'c', 'd'];
    const stop = new AbortController();
    const done = new Map(keys.map((key) => [key, 0]));
    const counting = keys.map(async (key) => {
      while (!stop.signal.aborted) {
        const { value } = await counters.commit(key, (current) => {
          const total = (current?.value.total ?? 0) + 1;
          return { state: counter(total), events: [counted(key, total)] };
        });
        done.set(key, value?.total ?? 0);
      }
    });
    for (let kill = 1; kill <= 4; kill++) {
      const before = Math.min(...done.values());
      await until('every key was counted on', () =>
        Math.min(...done.values()) >= before + 3 ? true : undefined,
      );
      await server.restart({ signal: 'SIGKILL' });
    }
    stop.abort();
    await Promise.all(counting);
    const totals = await Promise.all(keys.map(async (key) => (await counters.getOrFail(key)).value.total));
    expect(totals).toEqual(keys.map((key) => done.get(key)));
    const events = await awaitEvents(
      connection,
      'counter',
      totals.reduce((sum, total) => sum + total, 0),
    );
    for (const [at, key] of keys.entries()) {
      const counts = events.filter(({ headers }) => headers['ce-subject'] === key).map(({ body }) => body);
      expect(counts).toEqual(
        Array.from({ length: totals[at] ?? 0 }, (_, index) => ({ counter: key, total: index + 1 })),
      );
    }
  });
});

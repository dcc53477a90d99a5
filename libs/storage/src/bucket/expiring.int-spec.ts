import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { IsInt } from 'class-validator';
import { Bucket } from '../decorators/bucket.decorator.js';
import { connectTo, deleteStreams, openBucket, Profile, profile, until } from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

@Bucket('versions', { history: 3 })
class Version {
  @IsInt()
  at!: number;
}

@Bucket('sessions', { ttl: '1s' })
class Session {
  @IsInt()
  at!: number;
}

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

const gone = (key: string): Promise<number> =>
  until(`'${key}' has expired`, async () => ((await profiles.has(key)) ? undefined : Date.now()));

/** When the newest change of each key was, by the server's clock. */
const expiries = async (...keys: string[]): Promise<number[]> => {
  await Promise.all(keys.map(gone));
  const histories = await Promise.all(keys.map((key) => profiles.history(key)));
  return histories.map((history) => {
    expect(history.map(({ kind }) => kind)).toEqual(['expire']);
    return history[0]?.at.getTime() ?? 0;
  });
};

describe('a value with a ttl', () => {
  it('expires after create, put, update and mutate, and others stay', async () => {
    const begun = Date.now();
    await profiles.put('stays', profile('Ann'));
    const revision = await profiles.put('updated', profile('Ann'));
    await profiles.put('mutated', profile('Ann'));
    await Promise.all([
      profiles.create('created', profile('Ann'), { ttl: '1s' }),
      profiles.put('put', profile('Ann'), { ttl: 1000 }),
      profiles.update('updated', profile('Ann'), revision, { ttl: '1s' }),
      profiles.mutate('mutated', (value) => value, { ttl: '1s' }),
    ]);
    const at = await expiries('created', 'put', 'updated', 'mutated');
    for (const time of at) {
      expect(time - begun).toBeGreaterThan(900);
      expect(time - begun).toBeLessThan(3000);
    }
    expect(await profiles.has('stays')).toBe(true);
    await profiles.create('created', profile('Bob'));
    expect(await profiles.get('created')).toMatchObject({ value: { name: 'Bob' } });
  });

  it('is renewed by writing it again, and stays when it is written without', async () => {
    const begun = Date.now();
    const revision = await profiles.create('renewed', profile('Ann'), { ttl: '1s' });
    await profiles.create('kept', profile('Ann'), { ttl: '1s' });
    await profiles.update('renewed', profile('Ann'), revision, { ttl: '3s' });
    await profiles.put('kept', profile('Ann'));
    const [at] = await expiries('renewed');
    expect((at ?? 0) - begun).toBeGreaterThan(2500);
    expect(await profiles.has('kept')).toBe(true);
  });

  it('is seen to have expired by who was away meanwhile', async () => {
    const own = await connectTo(server.url);
    const bucket = await openBucket(own, Profile);
    await profiles.put('ann', profile('Ann'), { ttl: '1s' });
    const kinds: string[] = [];
    for await (const { kind } of bucket.watch('ann', { from: 'all' })) {
      kinds.push(kind);
      if (kind === 'expire') break;
      // The server is away when the time is up.
      await server.kill();
      const begun = Date.now();
      await until('the value is overdue', () => (Date.now() - begun > 1300 ? true : undefined));
      await server.restart();
    }
    expect(kinds).toEqual(['put', 'expire']);
    await own.close();
  }, 20_000);

  it.each([0, 999, 1500])('of %p ms is refused', async (ttl) => {
    await expect(profiles.put('ann', profile('Ann'), { ttl })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    expect(await profiles.has('ann')).toBe(false);
  });

  it('is refused in a bucket that keeps older revisions, which would come back', async () => {
    const versions = await openBucket(connection, Version);
    await expect(versions.put('a', { at: 1 }, { ttl: '1s' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('a bucket with a ttl', () => {
  it('tells of each expiry, and keeps no value longer for a ttl of its own', async () => {
    const sessions = await openBucket(connection, Session);
    const watch = sessions.watch();
    await watch.ready;
    await sessions.put('plain', { at: 1 });
    await sessions.put('longer', { at: 1 }, { ttl: '1h' });
    const expired: string[] = [];
    for await (const { kind, key } of watch) {
      if (kind === 'expire') expired.push(key);
      if (expired.length === 2) break;
    }
    expect(expired.sort()).toEqual(['longer', 'plain']);
    expect(await sessions.count()).toBe(0);
  });
});

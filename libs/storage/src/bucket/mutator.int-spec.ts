import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { connectTo, deleteStreams, openBucket, Profile, profile } from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';

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

const older = ({ name, age }: Profile): Profile => profile(name, age + 1);
const lastSequence = async (): Promise<number> =>
  (await connection.jsm.streams.info('KV_profiles')).state.last_seq;

describe('mutate', () => {
  it('writes what was computed from the value, and tells what is there now', async () => {
    const first = await profiles.put('ann', profile('Ann', 1));
    const result = await profiles.mutate('ann', older);
    expect(result).toEqual({ value: { name: 'Ann', age: 2 }, revision: first + 1, changed: true });
    expect(await profiles.get('ann')).toMatchObject({ revision: result.revision, value: { age: 2 } });
  });

  it('loses none of the increments of many callers in two processes’ place', async () => {
    await profiles.put('ann', profile('Ann', 0));
    const elsewhere = await openBucket(other, Profile);
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? profiles : elsewhere).mutate('ann', older)),
    );
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 60 } });
  });

  it('computes again on what another writer wrote meanwhile', async () => {
    await profiles.put('ann', profile('Ann', 1));
    const seen: number[] = [];
    await profiles.mutate('ann', async (value) => {
      seen.push(value.age);
      if (seen.length === 1) await profiles.put('ann', profile('Ann', 10));
      return older(value);
    });
    expect(seen).toEqual([1, 10]);
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 11 } });
  });

  it('gives up with a conflict when others always come first, after a bounded number of tries', async () => {
    await profiles.put('ann', profile('Ann', 1));
    let tries = 0;
    const mutating = profiles.mutate('ann', async (value) => {
      tries++;
      await profiles.put('ann', profile('Ann', 100 + tries));
      return older(value);
    });
    await expect(mutating).rejects.toMatchObject({ code: 'REVISION_CONFLICT', key: 'ann' });
    expect(tries).toBe(32);
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 132 } });
  });

  it('writes nothing for no change, and nothing for a mutation that throws', async () => {
    const revision = await profiles.put('ann', profile('Ann', 1));
    const unchanged = await profiles.mutate('ann', () => undefined);
    expect(unchanged).toEqual({ value: { name: 'Ann', age: 1 }, revision, changed: false });
    const failing = profiles.mutate('ann', () => {
      throw new TypeError('no');
    });
    await expect(failing).rejects.toThrow(new TypeError('no'));
    await expect(profiles.mutate('ann', () => profile('', -1))).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    expect(await lastSequence()).toBe(revision);
  });

  it('deletes for null', async () => {
    await profiles.put('ann', profile('Ann', 1));
    const result = await profiles.mutate('ann', () => null);
    expect(result).toMatchObject({ value: undefined, changed: true });
    expect(await profiles.has('ann')).toBe(false);
  });

  it('begins with what create makes where there is no value, also over a deletion, and fails without', async () => {
    await expect(profiles.mutate('ann', older)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    const create = (): Profile => profile('Ann', 0);
    await profiles.mutate('ann', older, { create });
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 1 } });
    await profiles.delete('ann');
    await profiles.mutate('ann', older, { create });
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 1 } });
  });

  it('creates once, whoever comes first', async () => {
    const elsewhere = await openBucket(other, Profile);
    const create = (): Profile => profile('Ann', 0);
    await Promise.all(
      [profiles, elsewhere, profiles, elsewhere].map((bucket) => bucket.mutate('ann', older, { create })),
    );
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 4 } });
  });
});

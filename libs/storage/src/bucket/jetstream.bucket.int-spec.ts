import { Kvm } from '@nats-io/kv';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { ContractViolationError, MillraceConnection, MillraceError } from '@millrace/core';
import { connectTo, deleteStreams, openBucket, Profile, profile } from '../storage.fixture.js';
import { JetStreamBucket } from './jetstream.bucket.js';
import { RevisionConflictError } from './storage.errors.js';

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

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('reading and writing', () => {
  it('gives back what was written, as an instance, with its revision and time', async () => {
    const before = Date.now();
    const revision = await profiles.create('ann', profile('Ann', 41));
    const entry = await profiles.get('ann');
    expect(entry).toEqual({
      key: 'ann',
      value: { name: 'Ann', age: 41 },
      revision,
      updatedAt: expect.any(Date),
    });
    expect(entry?.value).toBeInstanceOf(Profile);
    expect(Math.abs((entry?.updatedAt.getTime() ?? 0) - before)).toBeLessThan(5000);
  });

  it('answers undefined, false and KEY_NOT_FOUND for a key that was never written', async () => {
    expect(await profiles.get('nobody')).toBeUndefined();
    expect(await profiles.has('nobody')).toBe(false);
    await expect(profiles.getOrFail('nobody')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  it('has what was written until it is deleted', async () => {
    await profiles.put('ann', profile('Ann'));
    expect(await profiles.has('ann')).toBe(true);
    await profiles.delete('ann');
    expect(await profiles.has('ann')).toBe(false);
    expect(await profiles.get('ann')).toBeUndefined();
  });

  it('overwrites with put, and raises the revision with every write', async () => {
    const first = await profiles.put('ann', profile('Ann', 1));
    const second = await profiles.put('ann', profile('Ann', 2));
    const third = await profiles.update('ann', profile('Ann', 3), second);
    const fourth = await profiles.delete('ann', { revision: third });
    expect([first, second, third, fourth]).toEqual(
      [...new Set([first, second, third, fourth])].sort((a, b) => a - b),
    );
  });

  it('creates over a deletion, and over a deletion by another client', async () => {
    await profiles.create('ann', profile('Ann', 1));
    await profiles.delete('ann');
    await profiles.create('ann', profile('Ann', 2));
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.purge('ann');
    const revision = await profiles.create('ann', profile('Ann', 3));
    expect(await profiles.get('ann')).toMatchObject({ revision, value: { age: 3 } });
  });

  it('creates over a value that expired', async () => {
    await connection.jsm.streams.update('KV_profiles', { subject_delete_marker_ttl: 60_000_000_000 });
    const kv = await new Kvm(connection.nc).open('profiles');
    await kv.create('ann', JSON.stringify({ name: 'Ann', age: 1 }), '1s');
    const marker = await kv.watch({ key: 'ann' });
    for await (const entry of marker) if (entry.operation === 'PURGE') break;
    expect(await profiles.has('ann')).toBe(false);
    await profiles.create('ann', profile('Ann', 2));
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 2 } });
  });
});

describe('conflicts', () => {
  it('refuses to create what is there, and tells the revision found', async () => {
    const revision = await profiles.create('ann', profile('Ann', 1));
    const error = await failure(profiles.create('ann', profile('Ann', 2)));
    expect(error).toBeInstanceOf(RevisionConflictError);
    expect(error).toMatchObject({
      code: 'REVISION_CONFLICT',
      bucket: 'profiles',
      key: 'ann',
      expected: 0,
      found: revision,
    });
    expect(await profiles.get('ann')).toMatchObject({ value: { age: 1 } });
  });

  it('refuses an update and a delete of an older revision', async () => {
    const older = await profiles.create('ann', profile('Ann', 1));
    const newer = await profiles.put('ann', profile('Ann', 2));
    const conflict = { code: 'REVISION_CONFLICT', expected: older, found: newer };
    await expect(profiles.update('ann', profile('Ann', 3), older)).rejects.toMatchObject(conflict);
    await expect(profiles.delete('ann', { revision: older })).rejects.toMatchObject(conflict);
    expect(await profiles.get('ann')).toMatchObject({ revision: newer, value: { age: 2 } });
  });

  it('refuses to update what was deleted: it found no value', async () => {
    const revision = await profiles.create('ann', profile('Ann'));
    await profiles.delete('ann');
    await expect(profiles.update('ann', profile('Ann'), revision)).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
      found: 0,
    });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %p as a revision', async (revision) => {
    await expect(profiles.update('ann', profile('Ann'), revision)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('lets exactly one of fifty concurrent creates win, whose value stays', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, age) => profiles.create('ann', profile('Ann', age))),
    );
    const winners = results.flatMap((result, age) => (result.status === 'fulfilled' ? [age] : []));
    expect(winners).toHaveLength(1);
    expect(await profiles.get('ann')).toMatchObject({ value: { age: winners[0] } });
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'REVISION_CONFLICT' });
    }
  });

  it('lets exactly one of fifty concurrent creates over a deletion win', async () => {
    await profiles.put('ann', profile('Ann'));
    await profiles.delete('ann');
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, age) => profiles.create('ann', profile('Ann', age))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('validation', () => {
  it.each(['create', 'put', 'update'] as const)(
    'refuses an invalid value in %s and writes nothing',
    async (how) => {
      const invalid = profile('', -1);
      const write = {
        create: () => profiles.create('ann', invalid),
        put: () => profiles.put('ann', invalid),
        update: () => profiles.update('ann', invalid, 1),
      };
      const error = await failure(write[how]());
      expect(error).toBeInstanceOf(ContractViolationError);
      expect(error).toMatchObject({ code: 'VALUE_INVALID' });
      expect((error as ContractViolationError).violations.map(({ path }) => path)).toEqual(['name', 'age']);
      expect((await connection.jsm.streams.info('KV_profiles')).state.last_seq).toBe(0);
    },
  );

  it('refuses a value that JSON cannot hold', async () => {
    const value = Object.assign(profile('Ann'), { big: 1n });
    await expect(profiles.put('ann', value)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it.each([
    ['text that is not JSON', 'garbage'],
    ['JSON that is no object', '[1]'],
    ['an object that does not satisfy the class', '{"name":"","age":1}'],
    ['nothing', ''],
  ])('reports %s, stored by another client, as unreadable', async (_, stored) => {
    const kv = await new Kvm(connection.nc).open('profiles');
    const revision = await kv.put('ann', stored);
    const error = await failure(profiles.get('ann'));
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({
      code: 'VALUE_UNREADABLE',
      details: { bucket: 'profiles', key: 'ann', revision },
    });
    expect((error as MillraceError).cause).toBeDefined();
    expect(await profiles.has('ann')).toBe(true);
  });

  it('refuses a value over the server’s limit', async () => {
    const limit = connection.nc.info?.max_payload ?? 0;
    const error = await failure(profiles.put('ann', profile('x'.repeat(limit))));
    expect(error).toMatchObject({ code: 'VALUE_TOO_LARGE', details: { limit } });
    expect(await profiles.get('ann')).toBeUndefined();
  });

  it('refuses a value over the limit of the bucket’s stream', async () => {
    await connection.jsm.streams.update('KV_profiles', { max_msg_size: 1000 });
    await expect(profiles.put('ann', profile('x'.repeat(2000)))).rejects.toMatchObject({
      code: 'VALUE_TOO_LARGE',
    });
  });
});

describe('other clients of the bucket', () => {
  it('read and watch what Millrace writes', async () => {
    const kv = await new Kvm(connection.nc).open('profiles');
    const revision = await profiles.put('ann', profile('Ann', 41));
    const entry = await kv.get('ann');
    expect(entry?.json()).toEqual({ name: 'Ann', age: 41 });
    expect(entry).toMatchObject({ revision, operation: 'PUT' });
    await profiles.delete('ann');
    expect(await kv.get('ann')).toMatchObject({ operation: 'DEL' });
  });

  it('write what Millrace reads, and conflict with it', async () => {
    const kv = await new Kvm(connection.nc).open('profiles');
    const revision = await kv.create('ann', JSON.stringify({ name: 'Ann', age: 1, extra: true }));
    expect(await profiles.get('ann')).toMatchObject({
      revision,
      value: { name: 'Ann', age: 1, extra: true },
    });
    const newer = await profiles.update('ann', profile('Ann', 2), revision);
    await expect(kv.update('ann', '{}', revision)).rejects.toMatchObject({ code: 10071 });
    await kv.delete('ann', { previousSeq: newer });
    expect(await profiles.get('ann')).toBeUndefined();
  });
});

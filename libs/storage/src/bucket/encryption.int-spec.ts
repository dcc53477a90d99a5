import { IsEmail, IsInt, IsString } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import {
  Encrypted,
  EncryptionKey,
  Event,
  eventContractOf,
  MillraceConnection,
  openEvent,
  staticKeys,
} from '@millrace/core';
import { Bucket } from '../decorators/bucket.decorator.js';
import { awaitEvents, connectTo, deleteStreams, openBucket, until } from '../storage.fixture.js';
import { valueSubject } from './bucket.subjects.js';
import { JetStreamBucket } from './jetstream.bucket.js';

@Event('person.registered', { key: 'id' })
class Registered {
  @IsString()
  id!: string;

  @IsEmail()
  @Encrypted()
  email!: string;
}

@Bucket('people', { events: [Registered] })
class Person {
  @IsInt()
  visits!: number;

  @IsEmail({}, { message: '$value is no address' })
  @Encrypted()
  email!: string;
}

/** The bucket before its property was protected. */
@Bucket('people')
class Unprotected {
  @IsInt()
  visits!: number;

  @IsString()
  email!: string;
}

const SECRET = 'ann@example.org';
const k1: EncryptionKey = { id: 'k1', secret: Buffer.alloc(32, 1) };
const k2: EncryptionKey = { id: 'k2', secret: Buffer.alloc(32, 2) };

let server: NatsServer;
let plain: MillraceConnection;
let first: MillraceConnection;
/** Has the second key as well, and encrypts with it. */
let rotated: MillraceConnection;
let people: JetStreamBucket<Person>;

const withKeys = (...keys: EncryptionKey[]): Promise<MillraceConnection> =>
  connectTo(server.url, { encryption: { keys: staticKeys(keys) }, publish: { deadline: '20s' } });

beforeAll(async () => {
  server = await startNatsServer();
  [plain, first, rotated] = await Promise.all([connectTo(server.url), withKeys(k1), withKeys(k2, k1)]);
});

afterAll(async () => {
  await Promise.all([plain, first, rotated].map((connection) => connection.close()));
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(plain);
  people = await openBucket(first, Person);
});

const person = (visits = 1, email = SECRET): Person => Object.assign(new Person(), { visits, email });

interface Stored {
  seq: number;
  body: { visits: number; email: { kid: string } };
}

const storedAs = async (key: string): Promise<Stored> => {
  const message = await plain.jsm.streams.getMessage('KV_people', {
    last_by_subj: valueSubject('people', key),
  });
  return {
    seq: message?.seq ?? 0,
    body: message?.json<Stored['body']>() ?? { visits: 0, email: { kid: '' } },
  };
};

/** Everything that the server has, headers included. */
const everything = async (): Promise<string> => {
  const parts: string[] = [];
  for await (const stream of plain.jsm.streams.names()) {
    const { state } = await plain.jsm.streams.info(stream);
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await plain.jsm.streams.getMessage(stream, { seq }).catch(() => null);
      if (message) parts.push(message.subject, message.string(), JSON.stringify([...message.header]));
    }
  }
  return parts.join('\n');
};

describe('a protected property', () => {
  it('comes back as it was, and is nowhere on the server in the clear', async () => {
    await people.put('ann', person());
    await people.commit('ann', (current) => ({
      state: person((current?.value.visits ?? 0) + 1, current?.value.email),
      events: [Object.assign(new Registered(), { id: 'ann', email: SECRET })],
    }));
    expect((await people.getOrFail('ann')).value).toEqual(person(2));
    const [event] = await awaitEvents(plain, 'person', 1);
    const contract = eventContractOf(Registered);
    expect(openEvent(contract, { decoded: event?.body, key: 'ann', codec: rotated.codec })).toEqual({
      id: 'ann',
      email: SECRET,
    });
    const all = await everything();
    expect(all).toContain('"visits":2');
    expect(all).not.toContain('example');
  });

  it('is validated as it is, and is in no error', async () => {
    const error: unknown = await people
      .put('ann', person(1, 'secret-address'))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'VALUE_INVALID', violations: [{ path: 'email' }] });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('secret');
  });

  it('cannot be moved to another key by whoever may write to the server', async () => {
    await people.put('ann', person());
    const { body } = await storedAs('ann');
    await plain.js.publish(valueSubject('people', 'eve'), JSON.stringify(body));
    await expect(people.get('eve')).rejects.toMatchObject({ code: 'VALUE_UNREADABLE' });
  });

  it('whose key is gone is refused by name, and left untouched', async () => {
    await people.put('ann', person());
    const before = await storedAs('ann');
    const gone = await withKeys(k2);
    const bucket = await openBucket(gone, Person);
    await expect(bucket.get('ann')).rejects.toMatchObject({ code: 'KEY_UNKNOWN', details: { keyId: 'k1' } });
    const commit = bucket.commit('ann', () => ({ state: person(9) }));
    await expect(commit).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(await bucket.reencrypt()).toEqual({
      reencrypted: 0,
      current: 0,
      unreadable: 1,
      unreadableKeys: ['ann'],
    });
    expect(await storedAs('ann')).toEqual(before);
    await gone.close();
  });

  it('needs keys when its bucket is opened', async () => {
    await expect(openBucket(plain, Person)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('reencrypt', () => {
  it('rotates the key of a bucket in use, without losing a write', async () => {
    const keys = Array.from({ length: 200 }, (_, at) => `person-${at}`);
    await Promise.all(keys.map((key) => people.put(key, person(0, `${key}@example.org`))));
    const bucket = await openBucket(rotated, Person);
    const visit = (by: JetStreamBucket<Person>, key: string): Promise<unknown> =>
      by.mutate(key, ({ visits, email }) => person(visits + 1, email));
    const stop = new AbortController();
    const visits = new Map<string, number>();
    // The other process has the new key already, and still encrypts with it or with the old one.
    const visiting = [people, bucket].map(async (by, offset) => {
      const knows = by === bucket ? keys : keys.slice(0, 100);
      for (let at = offset; !stop.signal.aborted; at += 7) {
        const key = knows[at % knows.length] ?? '';
        // What is encrypted anew is no longer readable with the old key alone.
        const done = await visit(by, key).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'KEY_UNKNOWN' });
            return false;
          },
        );
        if (done) visits.set(key, (visits.get(key) ?? 0) + 1);
      }
    });
    await until('there were visits', () => (visits.size > 20 ? true : undefined));
    const result = await bucket.reencrypt();
    expect(result.reencrypted).toBeGreaterThan(50);
    stop.abort();
    await Promise.all(visiting);
    expect(await bucket.reencrypt()).toMatchObject({ unreadable: 0 });
    for (const key of keys) {
      const { body } = await storedAs(key);
      expect(body.email.kid).toBe('k2');
      expect((await bucket.getOrFail(key)).value).toEqual(person(visits.get(key) ?? 0, `${key}@example.org`));
    }
  });

  it('encrypts what was stored before the property was protected, and nothing twice', async () => {
    const before = await openBucket(plain, Unprotected);
    await before.put('ann', { visits: 1, email: SECRET });
    expect((await people.getOrFail('ann')).value).toEqual(person());
    expect(await people.reencrypt()).toMatchObject({ reencrypted: 1, current: 0 });
    expect(await everything()).not.toContain('example');
    const { seq } = await storedAs('ann');
    expect(await people.reencrypt()).toMatchObject({ reencrypted: 0, current: 1 });
    expect((await storedAs('ann')).seq).toBe(seq);
  });

  it('leaves a value that expires its time', async () => {
    await people.put('ann', person(), { ttl: '2s' });
    const bucket = await openBucket(rotated, Person);
    expect(await bucket.reencrypt()).toMatchObject({ reencrypted: 1 });
    await until('it has expired', async () => ((await bucket.has('ann')) ? undefined : true), 5000);
  });
});

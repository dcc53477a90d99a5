import { CallHandler, Injectable, NestInterceptor, Scope, UseInterceptors } from '@nestjs/common';
import { Test, TestingModule } from '@nestjs/testing';
import { Kvm } from '@nats-io/kv';
import { Observable } from 'rxjs';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { getConnectionToken, MillraceConnection, NatsModule, PermanentError } from '@millrace/core';
import { constant, DeadLetter, DeadLetters } from '@millrace/delivery';
import { Blobs } from './blobs/blob.store.js';
import { JetStreamBucket } from './bucket/jetstream.bucket.js';
import { CachedBucket } from './changes/cached.bucket.js';
import { type Change } from './changes/change.js';
import { ChangeDelivery } from './changes/change.delivery.js';
import { InjectBlobs } from './decorators/inject-blobs.decorator.js';
import { InjectCachedBucket } from './decorators/inject-cached-bucket.decorator.js';
import { OnChange } from './decorators/on-change.decorator.js';
import { connectTo, deleteStreams, openBucket, Profile, profile, until } from './storage.fixture.js';
import { StorageModule } from './storage.module.js';

const retry = { attempts: 3, backoff: constant('10ms') };

const short = ({ kind, key, value }: Change<Profile>): string => `${kind} ${key} ${value?.age ?? '-'}`;

/** What handlers saw, and what they are to do about it. */
class Log {
  readonly seen: string[] = [];
  readonly keys = new Set<string>();
  failing: (key: string, attempt: number) => Error | undefined = () => undefined;

  take(change: Change<Profile>, { attempt, idempotencyKey }: ChangeDelivery): void {
    this.seen.push(short(change));
    this.keys.add(idempotencyKey);
    const failure = this.failing(change.key, attempt);
    if (failure) throw failure;
  }
}

class Passing implements NestInterceptor {
  static passed = 0;

  intercept(_: unknown, next: CallHandler): Observable<unknown> {
    Passing.passed++;
    return next.handle();
  }
}

@Injectable()
class Mirror extends Log {
  @OnChange(Profile, { group: 'mirror', retry, ackWait: '1s' })
  @UseInterceptors(Passing)
  on(change: Change<Profile>, delivery: ChangeDelivery): void {
    this.take(change, delivery);
  }
}

@Injectable()
class Ledger extends Log {
  @OnChange(Profile, { group: 'ledger', idempotent: true })
  on(change: Change<Profile>, delivery: ChangeDelivery): void {
    this.take(change, delivery);
  }
}

@Injectable()
class European extends Log {
  @OnChange(Profile, { key: 'eu.*', kinds: ['put', 'expire'], group: 'european' })
  on(change: Change<Profile>, delivery: ChangeDelivery): void {
    this.take(change, delivery);
  }
}

@Injectable()
class Invalidation extends Log {
  @OnChange(Profile, { mode: 'broadcast', group: 'invalidation' })
  on(change: Change<Profile>, delivery: ChangeDelivery): void {
    this.take(change, delivery);
  }
}

@Injectable()
class Reader {
  constructor(@InjectCachedBucket(Profile) readonly cache: CachedBucket<Profile>) {}
}

@Injectable({ scope: Scope.REQUEST })
class Requested {
  @OnChange(Profile)
  on(): void {}
}

@Injectable()
class Second {
  @OnChange(Profile, { group: 'mirror' })
  on(): void {}
}

let server: NatsServer;
let observer: MillraceConnection;
let profiles: JetStreamBucket<Profile>;
let letters: DeadLetters;
const apps: TestingModule[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  observer = await connectTo(server.url);
  letters = new DeadLetters(observer);
});

afterAll(async () => {
  await observer.close();
  await server.stop();
});

beforeEach(async () => {
  await deleteStreams(observer);
  profiles = await openBucket(observer, Profile);
});

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

type Providers = NonNullable<Parameters<typeof Test.createTestingModule>[0]['providers']>;

const quiet = (): void => undefined;
const SILENT = { log: quiet, warn: quiet, error: quiet };

const testing = (...providers: Providers): ReturnType<typeof Test.createTestingModule> =>
  Test.createTestingModule({
    imports: [
      NatsModule.forRoot({ name: 'storage-test', servers: server.url }),
      StorageModule.forFeature([Profile]),
    ],
    providers,
  }).setLogger(SILENT);

const started = async (...providers: Providers): Promise<TestingModule> => {
  const app = await testing(...providers).compile();
  apps.push(app);
  await app.init();
  return app;
};

const sees = (log: Log, count: number): Promise<string[]> =>
  until(`${count} changes were seen`, () => (log.seen.length >= count ? log.seen : undefined));

const deadLetters = (count: number): Promise<DeadLetter[]> =>
  until(`there are ${count} dead letters`, async () => {
    const found: DeadLetter[] = [];
    for await (const letter of letters.list({ context: 'kv', event: 'profiles' })) found.push(letter);
    return found.length === count ? found : undefined;
  });

describe('@OnChange', () => {
  it('tells of each kind of change, through interceptors, beginning with what is there', async () => {
    await profiles.put('before', profile('Ann', 1));
    const mirror = (await started(Mirror)).get(Mirror);
    expect(await sees(mirror, 1)).toEqual(['put before 1']);
    await profiles.put('ann', profile('Ann', 2), { ttl: '1s' });
    await sees(mirror, 2);
    await profiles.delete('before');
    await sees(mirror, 3);
    await profiles.purge('before');
    await sees(mirror, 4);
    expect(await sees(mirror, 5)).toEqual([
      'put before 1',
      'put ann 2',
      'delete before -',
      'purge before -',
      'expire ann -',
    ]);
    expect(Passing.passed).toBe(5);
  });

  it('tells only of the keys and kinds that are wanted', async () => {
    const european = (await started(European)).get(European);
    await profiles.put('us.bob', profile('Bob'));
    await profiles.put('eu.ann', profile('Ann', 1));
    await sees(european, 1);
    await profiles.delete('eu.ann');
    await profiles.put('eu.west.cid', profile('Cid'));
    await profiles.put('eu.dan', profile('Dan', 2));
    expect(await sees(european, 2)).toEqual(['put eu.ann 1', 'put eu.dan 2']);
  });

  it('shares the changes among the replicas of a group, and catches up on what came while all were away', async () => {
    const [one, two] = [await started(Mirror), await started(Mirror)].map((app) => app.get(Mirror));
    const keys = Array.from({ length: 200 }, (_, at) => `key-${at}`);
    await Promise.all(keys.map((key, age) => profiles.put(key, profile('Ann', age))));
    const all = (): string[] => [...(one?.seen ?? []), ...(two?.seen ?? [])];
    await until('all were seen', () => (all().length >= 200 ? true : undefined));
    expect(all().sort()).toEqual(keys.map((key, age) => `put ${key} ${age}`).sort());
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await profiles.delete('key-7');
    const again = (await started(Mirror)).get(Mirror);
    expect(await sees(again, 1)).toEqual(['delete key-7 -']);
  });

  it('tells every replica in broadcast, of what is new', async () => {
    await profiles.put('before', profile('Ann'));
    const replicas = [await started(Invalidation), await started(Invalidation)].map((app) =>
      app.get(Invalidation),
    );
    await profiles.put('ann', profile('Ann', 2));
    for (const replica of replicas) expect(await sees(replica, 1)).toEqual(['put ann 2']);
    await Promise.all(apps.splice(0).map((app) => app.close()));
    expect((await observer.jsm.streams.info('KV_profiles')).state.consumer_count).toBe(0);
  });

  it('delivers a change again when its handler fails, with one idempotency key', async () => {
    const mirror = (await started(Mirror)).get(Mirror);
    mirror.failing = (_, attempt) => (attempt < 3 ? new Error('not yet') : undefined);
    await profiles.put('ann', profile('Ann', 1));
    expect(await sees(mirror, 3)).toEqual(['put ann 1', 'put ann 1', 'put ann 1']);
    expect(mirror.keys.size).toBe(1);
  });

  it('does not handle again what an idempotent handler has handled', async () => {
    await profiles.put('ann', profile('Ann', 1));
    await sees((await started(Ledger)).get(Ledger), 1);
    await until('it is marked', async () => {
      const { state } = await observer.jsm.streams.info('MILLRACE_INBOX', { subjects_filter: '>' });
      return state.messages === 1 && state.last_seq === 2 ? true : undefined;
    });
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await observer.jsm.consumers.delete('KV_profiles', 'ledger');
    const again = (await started(Ledger)).get(Ledger);
    await profiles.put('bob', profile('Bob', 2));
    expect(await sees(again, 1)).toEqual(['put bob 2']);
  });

  it('goes on after the server was killed', async () => {
    const mirror = (await started(Mirror)).get(Mirror);
    await profiles.put('ann', profile('Ann', 1));
    await sees(mirror, 1);
    await server.restart({ signal: 'SIGKILL' });
    await profiles.put('bob', profile('Bob', 2));
    await until('bob was seen', () => (mirror.seen.includes('put bob 2') ? true : undefined), 20_000);
  }, 30_000);

  it('dead-letters a change after the last attempt, at once for a permanent failure or an unreadable value', async () => {
    const mirror = (await started(Mirror)).get(Mirror);
    mirror.failing = (key) =>
      key === 'ann' ? new Error('never') : key === 'bob' ? new PermanentError('no use') : undefined;
    await profiles.put('ann', profile('Ann', 1));
    await profiles.put('bob', profile('Bob', 2));
    const kv = await new Kvm(observer.nc).open('profiles');
    await kv.put('cid', 'garbage');
    const dead = await deadLetters(3);
    const byKey = new Map(dead.map((letter) => [letter.subject, letter]));
    expect([...byKey.keys()].sort()).toEqual([
      'dead.kv.profiles.mirror.ann',
      'dead.kv.profiles.mirror.bob',
      'dead.kv.profiles.mirror.cid',
    ]);
    expect(byKey.get('dead.kv.profiles.mirror.ann')).toMatchObject({
      attempts: 3,
      group: 'mirror',
      cause: { message: 'never' },
    });
    expect(byKey.get('dead.kv.profiles.mirror.bob')).toMatchObject({
      attempts: 1,
      cause: { code: 'PERMANENT' },
    });
    expect(byKey.get('dead.kv.profiles.mirror.cid')?.attempts).toBe(1);
    expect(mirror.seen.sort()).toEqual(['put ann 1', 'put ann 1', 'put ann 1', 'put bob 2']);
  });

  it('replays a dead letter to its group, with its kind and idempotency key, and writes nothing', async () => {
    const app = await started(Mirror, European);
    const mirror = app.get(Mirror);
    const refuse = new PermanentError('no use');
    mirror.failing = () => refuse;
    await profiles.put('eu.ann', profile('Ann', 1));
    await deadLetters(1);
    const revision = await profiles.put('eu.ann', profile('Ann', 2));
    const [first] = await deadLetters(2);
    mirror.failing = () => undefined;
    await letters.replay(first?.id ?? '');
    expect(await sees(mirror, 3)).toEqual(['put eu.ann 1', 'put eu.ann 2', 'put eu.ann 1']);
    expect(mirror.keys.size).toBe(2);
    expect(await profiles.get('eu.ann')).toMatchObject({ revision, value: { age: 2 } });
    expect(app.get(European).seen).toHaveLength(2);
    expect(await deadLetters(1)).toHaveLength(1);
    await until('the replayed change is gone', async () =>
      (await observer.jsm.streams.info('KV_profiles')).state.messages === 1 ? true : undefined,
    );
  });

  it('replays an expiry as one', async () => {
    const mirror = (await started(Mirror)).get(Mirror);
    mirror.failing = (key) =>
      mirror.seen.at(-1) === `expire ${key} -` ? new PermanentError('no') : undefined;
    await profiles.put('ann', profile('Ann', 1), { ttl: '1s' });
    const [letter] = await deadLetters(1);
    mirror.failing = () => undefined;
    await letters.replay(letter?.id ?? '');
    expect(await sees(mirror, 3)).toEqual(['put ann 1', 'expire ann -', 'expire ann -']);
  });

  it.each([
    ['a class that is request-scoped', [Requested], 'SUBSCRIBER_REQUEST_SCOPED'],
    ['two handlers in one group', [Mirror, Second], 'SUBSCRIPTION_CONFLICT'],
  ])('refuses %s', async (_, providers, code) => {
    // Nest closes nothing of an application that does not start, so such a one borrows its connection.
    const app = await testing(...providers)
      .overrideProvider(getConnectionToken())
      .useValue(observer)
      .compile();
    await expect(app.init()).rejects.toMatchObject({ code });
  });

  it('refuses a bucket that no module names', async () => {
    const app = await Test.createTestingModule({
      imports: [
        NatsModule.forRoot({ name: 'storage-test', servers: server.url }),
        StorageModule.forFeature([]),
      ],
      providers: [Mirror],
    })
      .overrideProvider(getConnectionToken())
      .useValue(observer)
      .compile();
    await expect(app.init()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('@InjectCachedBucket', () => {
  it('gives a cache that is filled when the application starts', async () => {
    await profiles.put('ann', profile('Ann', 1));
    const { cache } = (await started(Reader)).get(Reader);
    expect(cache.isCurrent).toBe(true);
    expect(cache.get('ann')).toMatchObject({ value: { age: 1 } });
  });
});

describe('@InjectBlobs', () => {
  it('gives a store that is there when the application starts', async () => {
    @Injectable()
    class Documents {
      constructor(@InjectBlobs('documents') readonly blobs: Blobs) {}
    }
    const app = await Test.createTestingModule({
      imports: [
        NatsModule.forRoot({ name: 'storage-test', servers: server.url }),
        StorageModule.forBlobs('documents', { maxBytes: 1_000_000 }),
      ],
      providers: [Documents],
    }).compile();
    apps.push(app);
    await app.init();
    await app.get(Documents).blobs.put('a', Buffer.from('text'));
    expect((await observer.jsm.streams.info('OBJ_documents')).config.max_bytes).toBe(1_000_000);
  });
});

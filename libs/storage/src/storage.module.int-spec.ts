import { Injectable, Module, OnModuleInit } from '@nestjs/common';
import { Test, TestingModule, TestingModuleBuilder } from '@nestjs/testing';
import { IsString } from 'class-validator';
import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { getConnectionToken, MillraceConnection, NatsModule } from '@millrace/core';
import { Bucket } from './decorators/bucket.decorator.js';
import { getBucketToken, InjectBucket } from './decorators/inject-bucket.decorator.js';
import {
  awaitEvents,
  connectTo,
  counted,
  Counter,
  counter,
  deleteStreams,
  Profile,
  profile,
  thrownBy,
} from './storage.fixture.js';
import { StorageModule } from './storage.module.js';

@Injectable()
class Profiles implements OnModuleInit {
  constructor(@InjectBucket(Profile) readonly bucket: Bucket<Profile>) {}

  async onModuleInit(): Promise<void> {
    await this.bucket.put('first', profile('First'));
  }
}

@Module({ imports: [StorageModule.forFeature([Profile])], providers: [Profiles], exports: [Profiles] })
class ProfilesModule {}

@Module({ imports: [StorageModule.forFeature([Profile, Counter])] })
class OtherModule {}

@Bucket('profiles')
class Impostor {
  @IsString()
  name!: string;
}

let server: NatsServer;
let observer: MillraceConnection;
let app: TestingModule | undefined;

beforeAll(async () => {
  server = await startNatsServer();
  observer = await connectTo(server.url);
});

afterAll(async () => {
  await observer.close();
  await server.stop();
});

beforeEach(() => deleteStreams(observer));

afterEach(async () => {
  await app?.close();
  app = undefined;
});

type Imports = NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>;

const testing = (...imports: Imports): TestingModuleBuilder =>
  Test.createTestingModule({
    imports: [NatsModule.forRoot({ name: 'storage-test', servers: server.url }), ...imports],
  });

const started = async (...imports: Imports): Promise<TestingModule> => {
  app = await testing(...imports).compile();
  await app.init();
  return app;
};

/** Nest closes nothing of an application that does not start, so such a one borrows its connection. */
const failing = (...imports: Imports): Promise<TestingModule> =>
  testing(...imports)
    .overrideProvider(getConnectionToken())
    .useValue(observer)
    .compile();

describe('StorageModule', () => {
  it('gives a module its bucket, ready to use in onModuleInit, without forRoot', async () => {
    const module = await started(ProfilesModule);
    const { bucket } = module.get(Profiles);
    expect(bucket.name).toBe('profiles');
    expect(await bucket.get('first')).toMatchObject({ value: { name: 'First' } });
  });

  it('gives every module the same bucket', async () => {
    const module = await started(ProfilesModule, OtherModule);
    const other: unknown = module.select(OtherModule).get(getBucketToken(Profile), { strict: false });
    expect(other).toBe(module.get(Profiles).bucket);
  });

  it('provisions the event streams that a bucket feeds, as their contexts are set up', async () => {
    const module = await started(
      StorageModule.forRoot({ contexts: { counter: { maxBytes: 1_000_000 } } }),
      StorageModule.forFeature([Counter]),
    );
    const counters = module.get<Bucket<Counter>>(getBucketToken(Counter), { strict: false });
    await counters.commit('a', () => ({ state: counter(1), events: [counted('a', 1)] }));
    await awaitEvents(observer, 'counter', 1);
    expect((await observer.jsm.streams.info('EVENTS_counter')).config.max_bytes).toBe(1_000_000);
  });

  it('binds to what exists, and creates nothing', async () => {
    const bound = StorageModule.forRootAsync({ useFactory: () => ({ provision: 'bind' as const }) });
    await expect(failing(bound, OtherModule)).rejects.toMatchObject({ code: 'PROVISION_MISSING' });
    expect(await observer.streams.find('KV_profiles')).toBeUndefined();
    await started(OtherModule);
    await app?.close();
    await started(bound, ProfilesModule, OtherModule);
    expect(await app?.get(Profiles).bucket.has('first')).toBe(true);
  });

  it('uses the connection that is named', async () => {
    const archive = NatsModule.forRoot({ name: 'archive', servers: server.url, connection: 'archive' });
    const module = await started(archive, StorageModule.forFeature([Profile], { connection: 'archive' }));
    const bucket = module.get<Bucket<Profile>>(getBucketToken(Profile), { strict: false });
    await bucket.put('ann', profile('Ann'));
    expect(await bucket.has('ann')).toBe(true);
  });

  it('refuses two classes for one bucket', async () => {
    const starting = failing(ProfilesModule, StorageModule.forFeature([Impostor]));
    await expect(starting).rejects.toMatchObject({
      code: 'CONTRACT_DUPLICATE',
      details: { bucket: 'profiles' },
    });
  });

  it('refuses a class without @Bucket, by name', () => {
    class Plain {}
    expect(thrownBy(() => StorageModule.forFeature([Plain]))).toMatchObject({
      code: 'CONTRACT_UNKNOWN',
      details: { class: 'Plain' },
    });
  });
});

import { Injectable, Logger, Module } from '@nestjs/common';
import { ModuleMetadata } from '@nestjs/common';
import { Test, TestingModule } from '@nestjs/testing';
import { LifecycleCoordinator } from '../lifecycle/lifecycle.coordinator.js';
import { LifecyclePhase } from '../lifecycle/lifecycle.phase.js';
import { resources } from '../server.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { getConnectionToken, InjectConnection } from './connection.token.js';
import { MillraceConnection } from './nats.connection.js';
import { NatsModule } from './nats.module.js';

@Injectable()
class Reader {
  constructor(@InjectConnection() readonly connection: MillraceConnection) {}
}

@Module({ providers: [Reader], exports: [Reader] })
class FeatureModule {}

@Injectable()
class Settings {
  url = '';
}

const { start, onRelease, release } = resources();
beforeAll(() => void Logger.overrideLogger(false));
afterAll(() => void Logger.overrideLogger(['log', 'warn', 'error']));
afterEach(release, 60_000);

const application = async (imports: ModuleMetadata['imports'] = []): Promise<TestingModule> => {
  const app = await Test.createTestingModule({ imports }).compile();
  onRelease(() => app.close());
  return app;
};
const connectionOf = (app: TestingModule, name?: string): MillraceConnection =>
  app.get<MillraceConnection>(getConnectionToken(name), { strict: false });

it('forRoot connects before anybody is given the connection, in every module', async () => {
  const server = await start();
  const app = await application([FeatureModule, NatsModule.forRoot({ name: 'shop', servers: server.url })]);
  const { connection } = app.get(Reader, { strict: false });
  expect(connection.name).toBe('shop');
  expect(connection.health.current).toMatchObject({ state: 'connected', server: `127.0.0.1:${server.port}` });
  expect((await connection.jsm.getAccountInfo()).streams).toBe(0);
}, 60_000);

it('forRootAsync takes its options from other providers', async () => {
  const server = await start();
  @Module({ providers: [{ provide: Settings, useValue: { url: server.url } }], exports: [Settings] })
  class SettingsModule {}
  const app = await application([
    FeatureModule,
    NatsModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: (settings: Settings) => ({ name: 'shop', servers: settings.url }),
    }),
  ]);
  expect(app.get(Reader, { strict: false }).connection.nc.getServer()).toBe(`127.0.0.1:${server.port}`);
}, 60_000);

it('keeps two named connections apart, one of them configured asynchronously', async () => {
  const [first, second] = [await start(), await start()];
  const app = await application([
    NatsModule.forRoot({ name: 'shop', servers: first.url }),
    NatsModule.forRootAsync({
      connection: 'audit',
      useFactory: () => ({ name: 'shop-audit', servers: second.url }),
    }),
  ]);
  const connections = [connectionOf(app), connectionOf(app, 'audit')];
  expect(connections.map(({ name, nc }) => [name, nc.getServer()])).toEqual([
    ['shop', `127.0.0.1:${first.port}`],
    ['shop-audit', `127.0.0.1:${second.port}`],
  ]);
}, 60_000);

it('leaves a connection that is not global to those who import it', async () => {
  const server = await start();
  const { global } = NatsModule.forRoot({ name: 'shop', servers: server.url, isGlobal: false });
  expect(global).toBe(false);
  @Module({
    imports: [NatsModule.forRoot({ name: 'shop', servers: server.url, isGlobal: false })],
    providers: [Reader],
  })
  class ImportingModule {}
  const app = await application([ImportingModule]);
  expect(app.get(Reader, { strict: false }).connection.name).toBe('shop');
}, 60_000);

it('shuts down after everything that works over the connection', async () => {
  const server = await start();
  const app = await application([NatsModule.forRoot({ name: 'shop', servers: server.url })]);
  const connection = connectionOf(app);
  const states: string[] = [];
  const lifecycle = app.get(LifecycleCoordinator, { strict: false });
  for (const phase of Object.values(LifecyclePhase)) {
    lifecycle.register({
      name: String(phase),
      phase,
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(void states.push(`${phase} ${connection.health.current.state}`)),
    });
  }
  await app.init();
  expect(lifecycle.isReady).toBe(true);
  await app.close();
  expect(states.slice(0, 3)).toEqual(['30 connected', '20 connected', '10 connected']);
  expect(connection.health.current.state).toBe('closed');
  expect(connection.nc.isClosed()).toBe(true);
  expect(lifecycle.isReady).toBe(false);
}, 60_000);

it('does not start an application whose server refuses it', async () => {
  const server = await start({ config: { authorization: { token: 'secret' } } });
  const imports = [NatsModule.forRoot({ name: 'shop', servers: server.url, token: 'wrong' })];
  expect(await rejectionOf(application(imports))).toMatchObject({ code: 'CONNECTION_REFUSED' });
}, 60_000);

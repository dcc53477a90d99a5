import { LockService } from '@millrace/locks';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import { startApp, type TestApp, testConfig, until } from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { UserConfig } from '../user.config.js';

const POPPERS = 20;

let server: NatsServer;
let app: TestApp;
let other: TestApp;

const start = (lockWait: '20s' | '300ms'): Promise<TestApp> =>
  startApp(AppModule, testConfig(UserConfig, server, { PUBLISH_DEADLINE: '10s', LOCK_WAIT: lockWait }));
const put = (key: string, value: unknown) =>
  app.request('PUT', `/storage/${encodeURIComponent(key)}`, { value });

beforeAll(async () => {
  server = await startNatsServer();
  [app, other] = [await start('20s'), await start('300ms')];
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await other?.stop();
  await server?.stop();
});

describe('/storage', () => {
  it.each(['plain', 'a b.c/*>é😀', 'clear'])(
    'keeps a value under the key %s until it is deleted',
    async (key) => {
      const path = `/storage/${encodeURIComponent(key)}`;
      expect(await app.request('GET', path)).toMatchObject({ status: 404, body: { code: 'VALUE_UNKNOWN' } });
      const { status, body } = await put(key, { colour: 'blue', sizes: [1, 2] });
      expect({ status, body }).toEqual({ status: 200, body: { key, revision: expect.any(Number) } });
      expect(await other.request('GET', path)).toMatchObject({
        status: 200,
        body: { ...(body as object), value: { colour: 'blue', sizes: [1, 2] } },
      });
      expect((await app.request('DELETE', path)).status).toBe(204);
      expect((await app.request('GET', path)).status).toBe(404);
      expect((await app.request('DELETE', path)).status).toBe(404);
    },
  );

  it('gives a popped value to one of many', async () => {
    await put('popped', 7);
    const answers = await Promise.all(
      Array.from({ length: POPPERS }, () => app.request('POST', '/storage/popped/pop')),
    );
    expect(answers.filter(({ status }) => status === 200)).toEqual([
      expect.objectContaining({ body: { key: 'popped', value: 7, revision: expect.any(Number) } }),
    ]);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(POPPERS - 1);
  }, 60_000);

  it('clears all', async () => {
    for (const key of ['one', 'two']) await put(key, key);
    expect(await app.request('POST', '/storage/clear')).toMatchObject({ status: 200, body: { cleared: 2 } });
    expect((await app.request('GET', '/storage/one')).status).toBe(404);
  });

  it('refuses what is no value, and a key that is too long', async () => {
    for (const body of [{}, { value: null }, { value: 1, ttl: 5 }])
      expect(await app.request('PUT', '/storage/bad', body)).toMatchObject({
        status: 400,
        body: { code: 'REQUEST_INVALID' },
      });
    expect(await put('k'.repeat(257), 1)).toMatchObject({
      status: 400,
      body: { violations: [{ path: 'key' }] },
    });
  });

  it('answers 423 while somebody else holds the lock, and goes on when it is free', async () => {
    await put('held', 1);
    await put('beside', 2);
    const lock = await app.get(LockService).acquire('user-storage:held');
    for (const [method, path] of [
      ['PUT', '/storage/held'],
      ['GET', '/storage/held'],
      ['POST', '/storage/held/pop'],
      ['DELETE', '/storage/held'],
    ] as const) {
      const answer = await other.request(method, path, method === 'PUT' ? { value: 9 } : undefined);
      expect(answer).toMatchObject({ status: 423, body: { statusCode: 423, code: 'LOCK_TIMEOUT' } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(await other.request('GET', '/storage/beside')).toMatchObject({ status: 200, body: { value: 2 } });
    const waiting = app.request('GET', '/storage/held');
    await lock.release();
    expect(await waiting).toMatchObject({ status: 200, body: { value: 1 } });
  }, 60_000);

  it('clears nothing while somebody is at work on a key', async () => {
    await put('busy', 1);
    const lock = await app.get(LockService).acquireShared('user-storage');
    expect(await other.request('POST', '/storage/clear')).toMatchObject({ status: 423 });
    await lock.release();
    expect(await other.request('GET', '/storage/busy')).toMatchObject({ status: 200 });
  });

  it('answers 503 within a bound while NATS is away, and goes on after it', async () => {
    await put('kept', 1);
    await server.kill();
    const answers = await Promise.all([
      other.request('GET', '/storage/kept'),
      other.request('PUT', '/storage/kept', { value: 2 }),
      other.request('POST', '/storage/clear'),
    ]);
    await server.restart();
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: expect.any(String) } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    const answer = await until('it can be read', async () => {
      const found = await app.request('GET', '/storage/kept');
      return found.status === 200 && found;
    });
    expect(answer.body).toMatchObject({ value: 1 });
  }, 60_000);

  it('is described', async () => {
    const { body } = await app.request('GET', '/docs-json');
    const { paths } = body as { paths: Record<string, Record<string, { responses: object }>> };
    expect(Object.keys(paths['/storage/{key}'] ?? {}).sort()).toEqual(['delete', 'get', 'put']);
    expect(paths['/storage/{key}/pop']?.['post']?.responses).toMatchObject({ 200: {}, 404: {}, 423: {} });
    expect(paths['/storage/clear']).toHaveProperty('post');
  });
});

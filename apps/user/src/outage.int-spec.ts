import { storedEvents, until } from '@millrace-apps/shared/testing';
import { ada, startUserApp, type UserApp } from './user.fixture.js';

const BOUND_MS = 3000;

let user: UserApp;
beforeAll(async () => void (user = await startUserApp()), 60_000);
afterAll(() => user?.stop());

describe('while NATS is away', () => {
  it('requests fail within a bound, and leave nothing half-done', async () => {
    const { app, server } = user;
    await user.register('before');
    await server.kill();
    const startedAt = performance.now();
    const answers = await Promise.all([
      app.request('POST', '/users', ada('lost')),
      app.request('PATCH', '/users/before', { name: 'Ada' }),
      app.request('DELETE', '/users/before'),
      app.request('GET', '/users/before'),
      app.request('GET', '/users'),
      app.request('GET', '/users/before/notifications'),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { statusCode: 503, code: expect.any(String) } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    await server.restart();
    await user.ready();
    expect(await app.request('GET', '/users/before')).toMatchObject({ status: 200 });
    expect(await app.request('GET', '/users/lost')).toMatchObject({ status: 404 });
    await user.register('lost');
    await until('it is announced', async () => (await user.eventsAbout('lost', 'registered')) === 1);
  }, 60_000);

  it('a crash in the middle of many registrations leaves each with its event or without a trace', async () => {
    const { app, server } = user;
    const ids = Array.from({ length: 400 }, (_, at) => `crash-${at}`);
    let killing: Promise<void> | undefined;
    let done = 0;
    const answers = new Map<string, number>();
    await Promise.all(
      ids.map(async (id) => {
        const { status } = await app.request('POST', '/users', ada(id));
        answers.set(id, status);
        if (++done === 50) killing = server.kill().then(() => server.restart());
      }),
    );
    await killing;
    // No 409: the ids are unique, so that would be a registration that ran into its own first try.
    for (const status of answers.values()) expect([201, 503]).toContain(status);
    await user.ready();
    const stored = new Set<string>();
    for (const id of ids) {
      const { status } = await until('it can be read', async () => {
        const answer = await app.request('GET', `/users/${id}`);
        return answer.status !== 503 && answer;
      });
      if (status === 200) stored.add(id);
    }
    for (const [id, status] of answers) if (status === 201) expect(stored).toContain(id);
    const announced = await until('every state has its event', async () => {
      const events = await storedEvents(app.connection, 'user');
      const found = events.map(({ body }) => String(body['userId'])).filter((id) => id.startsWith('crash-'));
      return found.length >= stored.size && found;
    });
    expect(announced.sort()).toEqual([...stored].sort());
  }, 90_000);
});

import { storedEvents, until } from '@millrace-apps/shared/testing';
import { ada, listed, NAME, pathOf, startUserApp, tick, type UserApp } from '../user.fixture.js';

const ascending = (a: number, b: number): number => a - b;

let user: UserApp;
beforeAll(async () => void (user = await startUserApp()), 60_000);
afterAll(() => user?.stop());

describe('registering', () => {
  it('stores the user and announces it', async () => {
    const { app } = user;
    const email = 'ada@example.org';
    const { status, body } = await app.request('POST', '/users', { name: NAME, email });
    expect(status).toBe(201);
    const { id } = body as { id: string };
    expect(body).toEqual({
      id,
      name: NAME,
      email,
      origin: 'api',
      registeredAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await app.request('GET', `/users/${id}`)).toMatchObject({ status: 200, body: body as object });
    const event = await until('it is announced', async () =>
      (await storedEvents(app.connection, 'user')).find((stored) => stored.body['userId'] === id),
    );
    const { id: userId, email: _email, ...fields } = body as { id: string; email: string };
    expect(event).toMatchObject({ subject: `events.user.registered.${id}`, body: { userId, ...fields } });
  });

  it('refuses what breaks the class, and stores nothing', async () => {
    const answer = await user.app.request('POST', '/users', {
      id: 'bad',
      name: '',
      email: 'nobody',
      role: 'admin',
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    const { violations } = answer.body as { violations: { path: string }[] };
    expect(new Set(violations.map(({ path }) => path))).toEqual(new Set(['name', 'email', 'role']));
    expect(await user.app.request('GET', '/users/bad')).toMatchObject({ status: 404 });
    expect(await user.app.request('POST', '/users', { ...ada('x'), id: null })).toMatchObject({
      status: 400,
    });
  });

  it('refuses an id that is taken', async () => {
    await user.register('taken');
    expect(await user.app.request('POST', '/users', { ...ada('taken'), name: 'Mallory' })).toMatchObject({
      status: 409,
      body: { code: 'USER_EXISTS', userId: 'taken' },
    });
    expect(await user.app.request('GET', '/users/taken')).toMatchObject({ body: { name: NAME } });
  });

  it('lets one of many who want an id at once have it, across replicas', async () => {
    const { app } = user;
    const other = await user.replica();
    try {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, at) =>
          (at % 2 === 0 ? app : other).request('POST', '/users', { ...ada('wanted'), name: `Nr ${at}` }),
        ),
      );
      const counts = answers.map(({ status }) => status).sort(ascending);
      expect(counts).toEqual([201, ...Array<number>(29).fill(409)]);
      const winner = answers.find(({ status }) => status === 201);
      expect((await app.request('GET', '/users/wanted')).body).toEqual(winner?.body);
      await until('its event is there', async () => (await user.eventsAbout('wanted', 'registered')) === 1);
    } finally {
      await other.stop();
    }
  });

  it('takes any id that a URL can carry', async () => {
    const id = 'a b.c/*>é😀';
    await user.register(id);
    expect(await user.app.request('GET', pathOf(id))).toMatchObject({ status: 200, body: { id } });
  });
});

describe('unregistering', () => {
  it('forgets the user and announces it', async () => {
    const { app } = user;
    await user.register('leaver');
    expect(await app.request('DELETE', '/users/leaver')).toMatchObject({ status: 204, body: undefined });
    expect(await app.request('GET', '/users/leaver')).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
    await until('it is announced', async () => (await user.eventsAbout('leaver', 'unregistered')) === 1);
  });

  it('answers 404 for somebody unknown, and announces nothing', async () => {
    await user.register('twice');
    const answers = await Promise.all([1, 2, 3].map(() => user.app.request('DELETE', '/users/twice')));
    expect(answers.map(({ status }) => status).sort(ascending)).toEqual([204, 404, 404]);
    await user.register('after');
    await until(
      'what was committed after it is there',
      async () => (await user.eventsAbout('after', 'registered')) === 1,
    );
    expect(await user.eventsAbout('twice', 'unregistered')).toBe(1);
  });
});

describe('a tick of the timer', () => {
  const generated = async () =>
    listed(await user.app.request('GET', '/users?limit=200')).items.filter(
      ({ origin }) => origin === 'timer',
    );

  it('registers a user, stores it, announces it, and welcomes it', async () => {
    const before = (await generated()).length;
    await user.outside.events.publish(tick('2026-01-01T00:00:00.000Z'), { messageId: 'timer@1' });
    const { id, name } = await until('it is registered', async () => (await generated())[before]);
    await until('it is announced', async () => (await user.eventsAbout(id, 'registered')) === 1);
    const [welcome] = await until('it is welcomed', async () => {
      const found = await user.notificationsOf(id);
      return found.length > 0 && found;
    });
    expect(welcome).toMatchObject({ type: 'user.registered', text: `Welcome, ${name}` });
  });
});

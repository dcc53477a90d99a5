import { type DynamicModule, Module } from '@nestjs/common';
import { OrderCreated, OrderLine, TimerTicked } from '@millrace/contracts';
import { EventBus, type EventMessage, EventsModule, type Middleware } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  type Answer,
  startApp,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { UserConfig } from './user.config.js';

const ascending = (a: number, b: number): number => a - b;

interface Listed {
  items: { id: string; type?: string; origin?: string; name?: string }[];
  nextOffset?: number;
}

const NAME = 'Ada Lovelace';
/** Ada under an id, with an email that nobody else has. */
const ada = (id: string) => ({ id, name: NAME, email: `ada+${Buffer.from(id).toString('hex')}@example.org` });
const AT = '2026-01-02T03:04:05.000Z';

let server: NatsServer;
let app: TestApp;

const start = (): Promise<TestApp> => startApp(AppModule, testConfig(UserConfig, server));
const register = async (id: string): Promise<void> => {
  expect(await app.request('POST', '/users', ada(id))).toMatchObject({ status: 201 });
};
const listed = ({ body }: Answer): Listed => body as Listed;
const eventsAbout = async (id: string, event: string): Promise<number> =>
  (await storedEvents(app.connection, 'user')).filter(
    ({ subject, body }) => subject.startsWith(`events.user.${event}.`) && body['userId'] === id,
  ).length;
const notificationsOf = async (id: string): Promise<Listed['items']> =>
  listed(await app.request('GET', `/users/${encodeURIComponent(id)}/notifications?limit=200`)).items;
const tick = (at: string): TimerTicked =>
  new TimerTicked({ schedule: 'timer', tick: 1, scheduledFor: at, firedAt: at });
const order = (orderId: string, userId: string): OrderCreated =>
  new OrderCreated({
    orderId,
    userId,
    lines: [new OrderLine({ sku: 'A', quantity: 1, unitPriceCents: 999 })],
    totalCents: 999,
    currency: 'EUR',
    createdAt: AT,
  });

beforeAll(async () => {
  server = await startNatsServer();
  app = await start();
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await server?.stop();
});

describe('registering', () => {
  it('stores the user and announces it', async () => {
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
    const answer = await app.request('POST', '/users', {
      id: 'bad',
      name: '',
      email: 'nobody',
      role: 'admin',
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    const { violations } = answer.body as { violations: { path: string }[] };
    expect(new Set(violations.map(({ path }) => path))).toEqual(new Set(['name', 'email', 'role']));
    expect(await app.request('GET', '/users/bad')).toMatchObject({ status: 404 });
  });

  it('refuses an id that is taken', async () => {
    await register('taken');
    expect(await app.request('POST', '/users', { ...ada('taken'), name: 'Mallory' })).toMatchObject({
      status: 409,
      body: { code: 'USER_EXISTS', userId: 'taken' },
    });
    expect(await app.request('GET', '/users/taken')).toMatchObject({ body: { name: NAME } });
  });

  it('lets one of many who want an id at once have it, across replicas', async () => {
    const other = await start();
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
      await until('its event is there', async () => (await eventsAbout('wanted', 'registered')) === 1);
    } finally {
      await other.stop();
    }
  });

  it('takes any id that a URL can carry', async () => {
    const id = 'a b.c/*>é😀';
    await register(id);
    expect(await app.request('GET', `/users/${encodeURIComponent(id)}`)).toMatchObject({
      status: 200,
      body: { id },
    });
  });
});

describe('unregistering', () => {
  it('forgets the user and announces it', async () => {
    await register('leaver');
    expect(await app.request('DELETE', '/users/leaver')).toMatchObject({ status: 204, body: undefined });
    expect(await app.request('GET', '/users/leaver')).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
    await until('it is announced', async () => (await eventsAbout('leaver', 'unregistered')) === 1);
  });

  it('answers 404 for somebody unknown, and announces nothing', async () => {
    await register('twice');
    const answers = await Promise.all([1, 2, 3].map(() => app.request('DELETE', '/users/twice')));
    expect(answers.map(({ status }) => status).sort(ascending)).toEqual([204, 404, 404]);
    await register('after');
    await until(
      'what was committed after it is there',
      async () => (await eventsAbout('after', 'registered')) === 1,
    );
    expect(await eventsAbout('twice', 'unregistered')).toBe(1);
  });
});

describe('listing', () => {
  it('pages through all users', async () => {
    for (const id of ['p1', 'p2', 'p3']) await register(id);
    const ids: string[] = [];
    let offset: number | undefined = 0;
    while (offset !== undefined) {
      const page: Listed = listed(await app.request('GET', `/users?limit=2&offset=${offset}`));
      ids.push(...page.items.map(({ id }) => id));
      offset = page.nextOffset;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(-3)).toEqual(['p1', 'p2', 'p3']);
  });

  it.each(['limit=0', 'limit=201', 'offset=-1', 'limit=many', 'sort=name'])('refuses %s', async (query) => {
    expect(await app.request('GET', `/users?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
  });
});

describe('notifications', () => {
  it('tell a user of what happened, newest first', async () => {
    await register('reader');
    await until('the welcome is there', async () => (await notificationsOf('reader')).length === 1);
    await app.get(EventBus).publish(order('o-1', 'reader'));
    await until('the order is there', async () => (await notificationsOf('reader')).length === 2);
    await app.request('DELETE', '/users/reader');
    const all = await until('the goodbye is there', async () => {
      const found = await notificationsOf('reader');
      return found.length === 3 && found;
    });
    expect(all.map(({ type }) => type)).toEqual(['user.unregistered', 'order.created', 'user.registered']);
  });

  it('answer 404 for somebody who never was here', async () => {
    expect(await app.request('GET', '/users/nobody/notifications')).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
  });

  it('lose none of many that come at once', async () => {
    await register('busy');
    const bus = app.get(EventBus);
    await Promise.all(Array.from({ length: 60 }, (_, at) => bus.publish(order(`busy-${at}`, 'busy'))));
    await until('all are there', async () => (await notificationsOf('busy')).length === 61);
  });
});

describe('a tick of the timer', () => {
  const generated = async (): Promise<Listed['items']> =>
    listed(await app.request('GET', '/users?limit=200')).items.filter(({ origin }) => origin === 'timer');

  it('registers a user, stores it, announces it, and welcomes it', async () => {
    const before = (await generated()).length;
    await app.get(EventBus).publish(tick('2026-01-01T00:00:00.000Z'), { messageId: 'timer@1' });
    const user = await until('it is registered', async () => (await generated())[before]);
    await until('it is announced', async () => (await eventsAbout(user.id, 'registered')) === 1);
    const [welcome] = await until('it is welcomed', async () => {
      const found = await notificationsOf(user.id);
      return found.length > 0 && found;
    });
    expect(welcome).toMatchObject({ type: 'user.registered', text: `Welcome, ${user.name}` });
  });
});

describe('an event that is delivered again', () => {
  // As though every acknowledgement of a first delivery were lost.
  const handledTwice = new Set<string>();
  const losingAcks: Middleware<EventMessage> = (next) => async (message) => {
    const outcome = await next(message);
    if (outcome.kind !== 'ack') return outcome;
    if (message.attempt === 1)
      return { kind: 'retry', delayMs: 0, cause: new Error('the acknowledgement was lost') };
    handledTwice.add(message.idempotencyKey);
    return outcome;
  };

  @Module({})
  class LosingAcksModule {
    static forRoot(config: UserConfig): DynamicModule {
      const plugin = EventsModule.forFeature({ middleware: [losingAcks] });
      return { module: LosingAcksModule, imports: [AppModule.forRoot(config), plugin] };
    }
  }

  it('registers no second user and makes no second notification', async () => {
    const own = await startNatsServer();
    const again = await startApp(LosingAcksModule, testConfig(UserConfig, own));
    try {
      const bus = again.get(EventBus);
      for (const at of [1, 2, 3])
        await bus.publish(tick(`2026-01-01T00:00:0${at}.000Z`), { messageId: `timer@${at}` });
      // Three ticks, three welcomes.
      await until('all were handled twice', () => handledTwice.size === 6);
      const { items } = listed(await again.request('GET', '/users'));
      expect(items).toHaveLength(3);
      for (const { id } of items) {
        const { body } = await again.request('GET', `/users/${id}/notifications`);
        expect((body as Listed).items).toHaveLength(1);
      }
      expect(await storedEvents(again.connection, 'user')).toHaveLength(3);
    } finally {
      await again.stop();
      await own.stop();
    }
  }, 60_000);
});

describe('while NATS is away', () => {
  const BOUND_MS = 3000;

  it('requests fail within a bound, and leave nothing half-done', async () => {
    await register('before');
    await server.kill();
    const startedAt = performance.now();
    const answers = await Promise.all([
      app.request('POST', '/users', ada('lost')),
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
    await until('it is ready again', async () => (await app.request('GET', '/health/ready')).status === 200);
    expect(await app.request('GET', '/users/before')).toMatchObject({ status: 200 });
    expect(await app.request('GET', '/users/lost')).toMatchObject({ status: 404 });
    await register('lost');
    await until('it is announced', async () => (await eventsAbout('lost', 'registered')) === 1);
  }, 60_000);

  it('a crash in the middle of many registrations leaves each with its event or without a trace', async () => {
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
    await until('it is ready again', async () => (await app.request('GET', '/health/ready')).status === 200);
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

import { type DynamicModule, Module } from '@nestjs/common';
import { OrderCreated, UserRegistered, UserUnregistered } from '@millrace/contracts';
import { EventBus, type EventMessage, EventsModule, type Middleware } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  type Answer,
  everythingStored,
  startApp,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { OrderConfig } from './order.config.js';

const ascending = (a: number, b: number): number => a - b;

interface OrderBody {
  id: string;
  status: string;
  history: { status: string }[];
}

const LINES = [
  { sku: 'MUG-01', quantity: 2, unitPriceCents: 1250 },
  { sku: 'TEE-07', quantity: 1, unitPriceCents: 1999 },
];
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const registered = (userId: string, second = 0): UserRegistered =>
  new UserRegistered({ userId, name: 'Ada', origin: 'api', registeredAt: at(second) });
const unregistered = (userId: string, second: number): UserUnregistered =>
  new UserUnregistered({ userId, unregisteredAt: at(second) });

let server: NatsServer;
let app: TestApp;

const create = (fields: object): Promise<Answer> =>
  app.request('POST', '/orders', { lines: LINES, currency: 'EUR', ...fields });
const orderOf = async (id: string): Promise<OrderBody> =>
  (await app.request('GET', `/orders/${id}`)).body as OrderBody;
const listOf = async (userId: string, query = ''): Promise<{ items: OrderBody[]; nextOffset?: number }> =>
  (await app.request('GET', `/orders?userId=${userId}${query}`)).body as { items: OrderBody[] };
const eventsAbout = async (id: string): Promise<Record<string, unknown>[]> =>
  (await storedEvents(app.connection, 'order'))
    .filter(({ body }) => body['orderId'] === id)
    .map(({ body }) => body);

/** A user that this app has heard of. */
const customer = async (userId: string): Promise<void> => {
  await app.get(EventBus).publish(registered(userId));
  await until(`${userId} is known`, async () => (await create({ userId })).status === 201);
};

beforeAll(async () => {
  server = await startNatsServer();
  app = await startApp(AppModule, testConfig(OrderConfig, server));
  await customer('ada');
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await server?.stop();
});

describe('creating an order', () => {
  it('stores it with its total and announces it', async () => {
    const { status, body } = await create({ userId: 'ada' });
    expect(status).toBe(201);
    const { id, createdAt } = body as { id: string; createdAt: string };
    expect(body).toEqual({
      id,
      userId: 'ada',
      lines: LINES,
      currency: 'EUR',
      totalCents: 4499,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      status: 'created',
      history: [{ status: 'created', at: createdAt }],
    });
    const [event] = await until('it is announced', async () => {
      const found = await eventsAbout(id);
      return found.length > 0 && found;
    });
    expect(event).toEqual({
      orderId: id,
      userId: 'ada',
      lines: LINES,
      currency: 'EUR',
      totalCents: 4499,
      createdAt,
    });
  });

  it('keeps an address that nobody can read in what is stored', async () => {
    const address = {
      name: 'Secret Person',
      street: '7 Hidden Lane',
      postalCode: 'XQ7 9ZZ',
      city: 'Nowhereville',
      country: 'GB',
    };
    expect(await create({ userId: 'ada', id: 'sent', address })).toMatchObject({
      status: 201,
      body: { address },
    });
    await until('it is processed', async () => (await orderOf('sent')).status === 'processing');
    expect(await orderOf('sent')).toMatchObject({ address });
    const stored = await everythingStored(app.connection);
    expect(stored).toContain('events.order.created.sent');
    expect(stored).toContain('"address":{"$encrypted"');
    for (const plain of ['Secret', 'Hidden Lane', 'XQ7', 'Nowhereville']) expect(stored).not.toContain(plain);
  });

  it('refuses an address that is none, by path', async () => {
    const { status, body } = await create({
      userId: 'ada',
      address: { name: 'A', street: '', country: 'XX' },
    });
    expect(status).toBe(400);
    const paths = (body as { violations: { path: string }[] }).violations.map(({ path }) => path);
    expect([...new Set(paths)].sort()).toEqual([
      'address.city',
      'address.country',
      'address.postalCode',
      'address.street',
    ]);
  });

  it('is followed by its processing, which the order shows', async () => {
    const { id } = (await create({ userId: 'ada' })).body as OrderBody;
    const order = await until('it is processed', async () => {
      const found = await orderOf(id);
      return found.status === 'processing' && found;
    });
    expect(order.history.map(({ status }) => status)).toEqual(['created', 'processing']);
  });

  it('refuses what breaks the class, by path', async () => {
    const lines = [LINES[0], { sku: 'X', quantity: 0, unitPriceCents: 1.5, colour: 'red' }];
    const { status, body } = await create({ userId: 'ada', lines, currency: 'EURO' });
    expect(status).toBe(400);
    const { code, violations } = body as { code: string; violations: { path: string; constraint: string }[] };
    expect(code).toBe('REQUEST_INVALID');
    expect(violations.map(({ path, constraint }) => `${path} ${constraint}`).sort()).toEqual([
      'currency isISO4217CurrencyCode',
      'lines.1.colour whitelistValidation',
      'lines.1.quantity min',
      'lines.1.unitPriceCents isInt',
    ]);
  });

  it.each([
    ['no lines', []],
    ['lines that are no list', 'MUG-01'],
    ['a hundred and one lines', Array.from({ length: 101 }, () => LINES[0])],
  ])('refuses %s', async (_what, lines) => {
    const answer = await create({ userId: 'ada', lines });
    expect(answer).toMatchObject({
      status: 400,
      body: { violations: expect.arrayContaining([expect.objectContaining({ path: 'lines' })]) },
    });
  });

  it('answers 404 for a user that it has not heard of', async () => {
    expect(await create({ userId: 'nobody' })).toMatchObject({ status: 404, body: { code: 'USER_UNKNOWN' } });
  });

  it('takes one of many orders under one id', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => create({ userId: 'ada', id: 'mine' })),
    );
    expect(answers.map(({ status }) => status).sort(ascending)).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ body: { code: 'ORDER_EXISTS' } });
    await until('it is announced once', async () => (await eventsAbout('mine')).length === 1);
  });
});

describe('reading orders', () => {
  it('answers 404 for one that is unknown', async () => {
    expect(await app.request('GET', '/orders/none')).toMatchObject({
      status: 404,
      body: { code: 'ORDER_UNKNOWN' },
    });
  });

  it("lists a user's orders, the new one at once, newest first, in pages", async () => {
    await customer('grace');
    const [first] = (await listOf('grace')).items;
    const ids = [first?.id];
    for (const id of ['g1', 'g2', 'g3']) {
      await create({ userId: 'grace', id });
      ids.unshift(id);
      expect((await listOf('grace')).items.map((order) => order.id)).toEqual(ids);
    }
    const page = await listOf('grace', '&limit=2&offset=1');
    expect(page).toMatchObject({ items: [{ id: 'g2' }, { id: 'g1' }], nextOffset: 3 });
    expect(await listOf('nobody')).toEqual({ items: [] });
  });

  it('asks whose orders', async () => {
    expect(await app.request('GET', '/orders')).toMatchObject({
      status: 400,
      body: { violations: expect.arrayContaining([expect.objectContaining({ path: 'userId' })]) },
    });
  });

  it('lists an order that was announced without being listed, as after a crash', async () => {
    const order = {
      orderId: 'orphan',
      userId: 'crashed',
      lines: LINES,
      currency: 'EUR',
      totalCents: 4499,
      createdAt: at(1),
    };
    await app.get(EventBus).publish(new OrderCreated(order));
    const { jsm } = app.connection;
    await until('its index is there', () =>
      jsm.streams
        .getMessage('KV_order-lists', { last_by_subj: '$KV.order-lists.crashed' })
        .then((found) => found ?? false),
    );
  });
});

describe('customers', () => {
  it('who left cannot order', async () => {
    await customer('leaver');
    await app.get(EventBus).publish(unregistered('leaver', 1));
    await until('it is known', async () => (await create({ userId: 'leaver' })).status === 404);
  });

  it('who left do not come back by an older event that arrives late', async () => {
    const bus = app.get(EventBus);
    await bus.publish(unregistered('late', 2));
    await bus.publish(registered('late', 1));
    await bus.publish(registered('marker', 1));
    await until('later events are known', async () => (await create({ userId: 'marker' })).status === 201);
    await until('nothing is in hand', () => bus.subscriptions().every(({ inHand }) => inHand === 0));
    expect(await create({ userId: 'late' })).toMatchObject({ status: 404 });
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
    static forRoot(config: OrderConfig): DynamicModule {
      const plugin = EventsModule.forFeature({ middleware: [losingAcks] });
      return { module: LosingAcksModule, imports: [AppModule.forRoot(config), plugin] };
    }
  }

  it('processes and lists an order once', async () => {
    const own = await startNatsServer();
    const again = await startApp(LosingAcksModule, testConfig(OrderConfig, own));
    try {
      await again.get(EventBus).publish(registered('ada'));
      const body = { userId: 'ada', lines: LINES, currency: 'EUR', id: 'o-1' };
      await until('it is taken', async () => (await again.request('POST', '/orders', body)).status === 201);
      // The user, and the order in two groups.
      await until('all were handled twice', () => handledTwice.size === 3);
      const order = (await again.request('GET', '/orders/o-1')).body as OrderBody;
      expect(order.history.map(({ status }) => status)).toEqual(['created', 'processing']);
      const list = (await again.request('GET', '/orders?userId=ada')).body as { items: OrderBody[] };
      expect(list.items).toHaveLength(1);
    } finally {
      await again.stop();
      await own.stop();
    }
  }, 60_000);
});

describe('while NATS is away', () => {
  const BOUND_MS = 3000;
  /** A bound for the machine: what is proven is that it comes to that, and not how soon. */
  const PATIENCE_MS = 60_000;

  it('requests fail within a bound, and leave nothing half-done', async () => {
    const { id } = (await create({ userId: 'ada' })).body as OrderBody;
    await server.kill();
    const startedAt = performance.now();
    const answers = await Promise.all([
      create({ userId: 'ada', id: 'lost' }),
      app.request('GET', `/orders/${id}`),
      app.request('GET', '/orders?userId=ada'),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { statusCode: 503 } });
    await server.restart();
    await until('it is ready again', async () => (await app.request('GET', '/health/ready')).status === 200);
    expect(await app.request('GET', '/orders/lost')).toMatchObject({ status: 404 });
    expect(await create({ userId: 'ada', id: 'lost' })).toMatchObject({ status: 201 });
    await until('it is announced', async () => (await eventsAbout('lost')).length === 1);
  }, 60_000);

  it('a crash in the middle of many orders leaves each with its event and its place in the list', async () => {
    await customer('crowd');
    const ids = Array.from({ length: 200 }, (_, nr) => `crash-${nr}`);
    const answers = new Map<string, number>();
    let restarting: Promise<void> | undefined;
    await Promise.all(
      ids.map(async (id) => {
        const { status } = await create({ userId: 'crowd', id });
        answers.set(id, status);
        if (answers.size === 30) restarting = server.kill().then(() => server.restart());
      }),
    );
    await restarting;
    for (const status of answers.values()) expect([201, 503]).toContain(status);
    await until(
      'it is ready again',
      async () => (await app.request('GET', '/health/ready')).status === 200,
      PATIENCE_MS,
    );
    const stored: string[] = [];
    for (const id of ids) {
      const { status } = await until('it can be read', async () => {
        const answer = await app.request('GET', `/orders/${id}`);
        return answer.status !== 503 && answer;
      });
      if (status === 200) stored.push(id);
    }
    for (const [id, status] of answers) if (status === 201) expect(stored).toContain(id);
    const announced = await until(
      'every order has its event',
      async () => {
        const found = (await storedEvents(app.connection, 'order'))
          .map(({ body }) => String(body['orderId']))
          .filter((id) => id.startsWith('crash-'));
        return found.length >= stored.length && found;
      },
      PATIENCE_MS,
    );
    expect(announced.sort()).toEqual([...stored].sort());
    await until(
      'all are listed and processed',
      async () => {
        const items: OrderBody[] = [];
        for (const offset of [0, 200])
          items.push(...(await listOf('crowd', `&limit=200&offset=${offset}`)).items);
        const found = items.filter(({ id, status }) => id.startsWith('crash-') && status === 'processing');
        return found.length === stored.length;
      },
      PATIENCE_MS,
    );
  }, 240_000);
});

import { randomUUID } from 'node:crypto';
import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import {
  createOrder,
  emailOf,
  LINES,
  notificationsOf,
  plainOrder,
  registerUser,
  System,
} from '../support/system.js';

describe('the three apps', () => {
  let system: System;
  let user: AppProcess;
  let order: AppProcess;

  beforeAll(async () => {
    system = await System.start();
    [user, order] = await Promise.all([system.startApp('user'), system.startApp('order')]);
  }, 60_000);
  afterAll(() => system.stop());

  it('store a registered user as an event that any client can read', async () => {
    const id = await registerUser(user, 'Grace Hopper');
    const [event, ...more] = await eventually(async () => {
      const found = await system.client.read('EVENTS_user', `events.user.registered.${id}`);
      expect(found).not.toEqual([]);
      return found;
    });
    expect(more).toEqual([]);
    expect(JSON.parse(event!.text)).toMatchObject({ userId: id, name: 'Grace Hopper', origin: 'api' });
    expect(event!.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-type': 'user.registered',
      'ce-source': 'user',
      'content-type': expect.stringContaining('json'),
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
    });
  });

  it('tell a user of an order', async () => {
    const userId = await registerUser(user);
    const orderId = await createOrder(order, userId);
    await eventually(async () => {
      const types = (await notificationsOf(user, userId)).map(({ type }) => type);
      expect(types).toEqual(['order.created', 'user.registered']);
      const { body } = await order.get(`/orders/${orderId}`);
      expect(body).toMatchObject({ id: orderId, userId, totalCents: 2500, status: 'created' });
    });
    const { body } = await order.get<{ items: { id: string }[] }>(`/orders?userId=${userId}`);
    expect(body.items.map(({ id }) => id)).toEqual([orderId]);
  });

  it('forget a user who unregisters, and take no more orders', async () => {
    const userId = await registerUser(user);
    await createOrder(order, userId);
    expect((await user.delete(`/users/${userId}`)).status).toBe(204);
    expect((await user.get(`/users/${userId}`)).status).toBe(404);
    expect((await user.delete(`/users/${userId}`)).status).toBe(404);
    await eventually(async () => {
      const { status } = await order.post('/orders', { userId, lines: LINES, currency: 'EUR' });
      expect(status).toBe(404);
    });
    const events = await system.client.read('EVENTS_user', `events.user.*.${userId}`);
    expect(events.map(({ headers }) => headers['ce-type'])).toEqual(['user.registered', 'user.unregistered']);
  });

  it('react to plain JSON from a client that knows nothing of them', async () => {
    const userId = await registerUser(user);
    const foreign = plainOrder(userId);
    await system.client.publish(`events.order.created.${foreign.orderId}`, foreign);
    await eventually(async () => {
      const [newest] = await notificationsOf(user, userId);
      expect(newest).toMatchObject({ type: 'order.created', text: expect.stringContaining(foreign.orderId) });
    });
  });

  it.each([
    [
      'breaks its contract',
      (orderId: string) => ({ ...plainOrder('ann', orderId), totalCents: 'plenty' }),
      'totalCents',
    ],
    ['is not JSON', () => 'nonsense', 'JSON'],
  ])('put an event that %s into the dead letters with its cause', async (_, body, cause) => {
    const orderId = randomUUID();
    const sent = body(orderId);
    await system.client.publish(`events.order.created.${orderId}`, sent);
    const letters = await eventually(async () => {
      const found = await system.client.read('DEAD_LETTERS', `dead.order.created.*.${orderId}`);
      // One for each group that should have handled it.
      expect(found.map(({ headers }) => headers['Millrace-Dead-Group'] ?? '').sort()).toEqual([
        'order-days',
        'order-lists',
        'user-notifications',
      ]);
      return found;
    });
    for (const letter of letters) {
      expect(letter.text).toBe(typeof sent === 'string' ? sent : JSON.stringify(sent));
      expect(letter.headers['Millrace-Dead-Cause-Message']).toContain(cause);
      expect(letter.headers).toMatchObject({
        'Millrace-Dead-Attempts': '1',
        'Millrace-Dead-Subject': `events.order.created.${orderId}`,
      });
    }
  });

  it('answer 400 with the violations by path', async () => {
    const { status, body } = await user.post('/users', { name: '', email: 'nobody', surplus: 1 });
    expect(status).toBe(400);
    const violations = body['violations'] as { path: string }[];
    expect([...new Set(violations.map(({ path }) => path))].sort()).toEqual(['email', 'name', 'surplus']);

    const lines = [{ sku: 'MUG-01', quantity: 0, unitPriceCents: 1 }];
    const bad = await order.post('/orders', { userId: 'ann', lines, currency: 'EUR' });
    expect(bad).toMatchObject({ status: 400, body: { violations: [{ path: 'lines.0.quantity' }] } });
  });

  it('answer 404 for what they do not know', async () => {
    expect((await user.get('/users/nobody')).status).toBe(404);
    expect((await user.get('/users/nobody/notifications')).status).toBe(404);
    expect((await order.get('/orders/none')).status).toBe(404);
    expect((await order.post('/orders', { userId: 'nobody', lines: LINES, currency: 'EUR' })).status).toBe(
      404,
    );
  });

  it('answer 409 for an id that is taken, and announce nothing', async () => {
    const id = randomUUID();
    const body = { id, name: 'Ada', email: emailOf(id) };
    const answers = await Promise.all(Array.from({ length: 5 }, () => user.post('/users', body)));
    expect(answers.map(({ status }) => String(status)).sort()).toEqual(['201', '409', '409', '409', '409']);
    await eventually(async () => {
      expect(await system.client.read('EVENTS_user', `events.user.registered.${id}`)).toHaveLength(1);
    });
    expect((await user.post('/users', body)).status).toBe(409);
    expect(await system.client.read('EVENTS_user', `events.user.registered.${id}`)).toHaveLength(1);
  });

  it('describe their APIs', async () => {
    for (const [app, path] of [
      [user, '/users'],
      [order, '/orders'],
    ] as const) {
      const page = await fetch(`${app.url}/docs`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('swagger');
      const { body } = await app.get<{ paths: Record<string, unknown> }>('/docs-json');
      expect(Object.keys(body.paths)).toContain(path);
    }
  });

  it('register a generated user on every tick, and once', async () => {
    const scheduler = await system.startApp('scheduler', { TICK_INTERVAL: '200ms' });
    await eventually(async () => {
      expect(
        (await system.client.read('EVENTS_timer', 'events.timer.ticked.*')).length,
      ).toBeGreaterThanOrEqual(5);
    });
    expect(await scheduler.end('SIGTERM')).toMatchObject({ code: 0 });
    const ticks = await system.client.read('EVENTS_timer', 'events.timer.ticked.*');
    const bodies = ticks.map(({ text }) => JSON.parse(text) as { tick: number });
    expect(new Set(bodies.map(({ tick }) => tick)).size).toBe(ticks.length);
    await eventually(async () => {
      const registered = await system.client.read('EVENTS_user', 'events.user.registered.*');
      const generated = registered.map(({ text }) => JSON.parse(text) as { origin: string; userId: string });
      const timers = generated.filter(({ origin }) => origin === 'timer');
      expect(timers).toHaveLength(ticks.length);
      const { status } = await user.get(`/users/${timers[0]!.userId}`);
      expect(status).toBe(200);
    });
  });
});

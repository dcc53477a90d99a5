import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import {
  createOrder,
  emailOf,
  LINES,
  NOTIFICATIONS,
  notificationsOf,
  ORDERS,
  plainOrder,
  registerUser,
  System,
} from '../support/system.js';

/** A killed replica's events go to another when their ackWait ends. */
const ACK_WAIT_MS = 30_000;

describe('what crashes', () => {
  let system: System;
  let user: AppProcess;

  beforeEach(async () => {
    system = await System.start();
    user = await system.startApp('user');
  }, 60_000);
  afterEach(() => system.stop());

  const register = (count: number): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, (_, at) => registerUser(user, `User ${at}`)));

  /** Orders from a bare client, `each` for every user, spread over all of them. */
  const publishOrders = async (userIds: readonly string[], each: number): Promise<void> => {
    const orders = Array.from({ length: each }, () => userIds.map((userId) => plainOrder(userId))).flat();
    await Promise.all(
      orders.map((order) => system.client.publish(`events.order.created.${order.orderId}`, order)),
    );
  };

  /** Resolves when the group has taken and settled everything, and nothing is dead. */
  const settled = (timeoutMs: number): Promise<void> =>
    eventually(async () => {
      const { state } = await system.client.jsm.streams.info(ORDERS);
      const place = await system.client.place(ORDERS, NOTIFICATIONS);
      expect(place).toMatchObject({ waiting: 0, unsettled: 0 });
      expect(place.floor).toBe(state.last_seq);
      expect(await system.client.read('DEAD_LETTERS', 'dead.>')).toEqual([]);
    }, timeoutMs);

  const orderTexts = async (app: AppProcess, userId: string): Promise<string[]> =>
    (await notificationsOf(app, userId))
      .filter(({ type }) => type === 'order.created')
      .map(({ text }) => text);

  it('loses no event and tells nobody twice when the user app is killed in mid-stream', async () => {
    const userIds = await register(10);
    await publishOrders(userIds, 60);
    await eventually(() =>
      expect(system.client.acknowledged(ORDERS, NOTIFICATIONS).size).toBeGreaterThan(20),
    );
    expect(await user.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const { waiting, unsettled } = await system.client.place(ORDERS, NOTIFICATIONS);
    // Otherwise it was not in mid-stream, and this test says nothing.
    expect(waiting).toBeGreaterThan(0);
    expect(unsettled).toBeGreaterThan(0);

    user = await system.startApp('user');
    await settled(ACK_WAIT_MS + 30_000);
    for (const userId of userIds) {
      const texts = await orderTexts(user, userId);
      expect(texts).toHaveLength(60);
      expect(new Set(texts).size).toBe(60);
    }
  }, 120_000);

  it('loses no order that was accepted when the server is killed in mid-traffic', async () => {
    const order = await system.startApp('order');
    const userIds = await register(4);
    await Promise.all(userIds.map((userId) => createOrder(order, userId)));

    const accepted: { userId: string; orderId: string }[] = [];
    const refused: number[] = [];
    const closing = new AbortController();
    const shop = async (userId: string): Promise<void> => {
      while (!closing.signal.aborted) {
        const { status, body } = await order.post('/orders', { userId, lines: LINES, currency: 'EUR' });
        if (status === 201) accepted.push({ userId, orderId: body['id'] as string });
        else refused.push(status);
      }
    };
    const shopping = Promise.all(userIds.map(shop));
    await eventually(() => expect(accepted.length).toBeGreaterThan(20));
    await system.server.restart({ signal: 'SIGKILL' });
    const before = accepted.length;
    await eventually(() => expect(accepted.length).toBeGreaterThan(before + 20), 30_000);
    closing.abort();
    await shopping;

    // An outage may be told, but nothing else.
    expect(refused.filter((status) => status !== 503)).toEqual([]);
    await settled(ACK_WAIT_MS + 30_000);
    const events = await system.client.read(ORDERS, 'events.order.created.*');
    const keys = events.map(({ subject }) => subject.split('.')[3]);
    expect(new Set(keys).size).toBe(keys.length);
    const told = new Map(
      await Promise.all(userIds.map(async (id) => [id, await orderTexts(user, id)] as const)),
    );
    for (const { userId, orderId } of accepted) {
      expect(keys).toContain(orderId);
      // The newest hundred are kept, and these users have fewer.
      expect(told.get(userId)?.filter((text) => text.includes(orderId))).toHaveLength(1);
    }
  }, 120_000);

  it('answers 503 within a bound while NATS is away, and leaves nothing half-done', async () => {
    const order = await system.startApp('order');
    const userId = await registerUser(user);
    await createOrder(order, userId);
    await system.server.kill('SIGKILL');

    const ids = ['half-1', 'half-2', 'half-3'];
    const answers = await Promise.all([
      ...ids.map((id) => user.post('/users', { id, name: 'Ada', email: emailOf(id) })),
      order.post('/orders', { id: 'half-order', userId, lines: LINES, currency: 'EUR' }),
      user.get(`/users/${userId}`),
      order.get('/orders/none'),
      user.get('/health/ready'),
      order.get('/health/ready'),
    ]);
    for (const { status, ms } of answers) {
      expect(status).toBe(503);
      expect(ms).toBeLessThan(8000);
    }
    expect((await user.get('/health/live')).status).toBe(200);

    await system.server.restart();
    await Promise.all([user.ready(), order.ready()]);
    // A 503 may have been stored all the same; but never the user without the event, nor the event without the user.
    await eventually(async () => {
      for (const id of ids) {
        const stored = (await user.get(`/users/${id}`)).status === 200;
        const events = await system.client.read('EVENTS_user', `events.user.registered.${id}`);
        expect([id, events.length]).toEqual([id, stored ? 1 : 0]);
      }
      const stored = (await order.get('/orders/half-order')).status === 200;
      expect(await system.client.read(ORDERS, 'events.order.created.half-order')).toHaveLength(
        stored ? 1 : 0,
      );
    });
    const again = await user.post('/users', { id: 'half-1', name: 'Ada', email: emailOf('half-1') });
    expect([201, 409]).toContain(again.status);
    await eventually(async () => {
      expect(await system.client.read('EVENTS_user', 'events.user.registered.half-1')).toHaveLength(1);
    });
  }, 90_000);

  it('shares the events between two replicas, each handled once', async () => {
    const second = await system.startApp('user');
    const userIds = await register(10);
    const sent = async (): Promise<number[]> => {
      const response = await fetch(`${system.server.monitoringUrl}/connz`);
      const { connections } = (await response.json()) as {
        connections: { name?: string; out_msgs: number }[];
      };
      return connections.filter(({ name }) => name?.startsWith('user')).map(({ out_msgs: count }) => count);
    };
    const before = await sent();
    expect(before).toHaveLength(2);
    await publishOrders(userIds, 40);
    await settled(30_000);

    const grown = (await sent()).map((count, at) => count - before[at]!);
    for (const count of grown) expect(count).toBeGreaterThan(40);
    const counts = [...system.client.acknowledged(ORDERS, NOTIFICATIONS).values()];
    expect(counts).toHaveLength(400);
    expect(counts.every((count) => count === 1)).toBe(true);
    for (const app of [user, second]) {
      for (const userId of userIds) expect(await orderTexts(app, userId)).toHaveLength(40);
    }
  }, 90_000);

  it('ends with 0 within a bound on SIGTERM, in the middle of its work, and hands the rest over', async () => {
    const order = await system.startApp('order');
    const scheduler = await system.startApp('scheduler', { TICK_INTERVAL: '100ms' });
    const userIds = await register(10);
    await publishOrders(userIds, 40);
    await eventually(() =>
      expect(system.client.acknowledged(ORDERS, NOTIFICATIONS).size).toBeGreaterThan(20),
    );
    for (const exit of await Promise.all([user, order, scheduler].map((app) => app.end('SIGTERM')))) {
      expect(exit).toMatchObject({ code: 0, signal: null });
      expect(exit.ms).toBeLessThan(15_000);
    }
    expect((await system.client.place(ORDERS, NOTIFICATIONS)).unsettled).toBe(0);

    const successor = await system.startApp('user');
    // Nothing was kept by the one that left: its ackWait need not pass.
    await settled(ACK_WAIT_MS / 2);
    for (const userId of userIds) expect(await orderTexts(successor, userId)).toHaveLength(40);
  }, 90_000);
});

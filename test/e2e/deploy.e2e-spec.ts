import { randomUUID } from 'node:crypto';
import { connect, NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { AppProcess } from '../support/app.process.js';
import { APPS, Deployment } from '../support/deployment/deployment.js';
import { untilHealthy } from '../support/deployment/nats.nodes.js';
import { eventually } from '../support/eventually.js';

// The configuration, the users and the images' files of compose and Kubernetes, as processes of this machine.
describe('a deployment', () => {
  let deployment: Deployment;
  let users: AppProcess[];
  let orders: AppProcess[];

  beforeAll(async () => {
    deployment = await Deployment.start();
    // Compose does it side by side too.
    await Promise.all(APPS.map((app) => deployment.provision(app)));
    const twice = (app: 'user' | 'order') =>
      Promise.all([deployment.startApp(app), deployment.startApp(app)]);
    [users, orders] = await Promise.all([twice('user'), twice('order'), deployment.startApp('scheduler')]);
  }, 300_000);
  afterAll(() => deployment.stop(), 60_000);

  const asUser = (user: string, options: object = {}): Promise<NatsConnection> =>
    connect({
      servers: deployment.natsUrl.split(','),
      user,
      pass: deployment.secret(`${user}/NATS_PASSWORD`),
      tls: { caFile: deployment.authority },
      reconnect: false,
      ...options,
    });

  it('refuses clients without the authority, without a password and with another one', async () => {
    await expect(asUser('order', { tls: {} })).rejects.toThrow(/certificate/);
    await expect(asUser('order', { user: undefined, pass: undefined })).rejects.toThrow(
      /Authorization Violation/,
    );
    await expect(asUser('order', { pass: 'guessed' })).rejects.toThrow(/Authorization Violation/);
    await expect(asUser('order', { pass: deployment.secret('user/NATS_PASSWORD') })).rejects.toThrow(
      /Authorization Violation/,
    );
  }, 30_000);

  it('keeps everything on three nodes', async () => {
    const admin = await asUser('admin');
    const jsm = await jetstreamManager(admin);
    const streams = await jsm.streams.list().next();
    const alone = streams.filter(({ config }) => config.num_replicas !== 3).map(({ config }) => config.name);
    expect(streams.length).toBeGreaterThan(5);
    // Leases on configurations are in memory, and end by themselves.
    expect(alone.filter((name) => name !== 'MILLRACE_PROVISIONING')).toEqual([]);
    await admin.close();
  }, 30_000);

  it('refuses an app what is not its own', async () => {
    const order = await asUser('order', { inboxPrefix: '_INBOX.order' });
    const violations: string[] = [];
    void (async () => {
      for await (const status of order.status())
        if (status.type === 'error') violations.push(status.error.message);
    })();
    for (const subject of [
      '$JS.API.STREAM.DELETE.EVENTS_order',
      '$JS.API.STREAM.INFO.KV_user-storage',
      'events.user.registered.x',
    ]) {
      await expect(order.request(subject, '', { timeout: 2000 })).rejects.toThrow(/Permissions Violation/);
    }
    order.subscribe('events.>', { callback: () => undefined });
    await eventually(() =>
      expect(violations.join()).toMatch(/Permissions Violation for Subscription to "events\.>"/),
    );
    await order.close();
  }, 30_000);

  it('lets nobody in without an API key', async () => {
    const { url } = orders[0]!;
    expect((await fetch(`${url}/orders`)).status).toBe(401);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('takes an order through its life while a node is killed and comes back', async () => {
    const [user, otherUser] = users as [AppProcess, AppProcess];
    const [order, otherOrder] = orders as [AppProcess, AppProcess];
    const { body: registered } = await user.post('/users', {
      name: 'Ada Lovelace',
      email: `${randomUUID()}@example.org`,
    });
    const userId = registered['id'] as string;
    const orderId = randomUUID();
    const created = await eventually(async () => {
      const answer = await order.post('/orders', {
        id: orderId,
        userId,
        currency: 'EUR',
        lines: [{ sku: 'MUG-01', quantity: 2, unitPriceCents: 1250 }],
        address: {
          name: 'Ada Lovelace',
          street: '12 St James’s Square',
          postalCode: 'SW1Y 4JH',
          city: 'London',
          country: 'GB',
        },
      });
      expect([201, 409]).toContain(answer.status);
      return answer;
    });
    expect(created.status).toBe(201);

    const reaches = (status: string): Promise<void> =>
      eventually(async () => {
        const { body } = await otherOrder.get(`/orders/${orderId}`);
        expect(body).toMatchObject({ status });
      }, 60_000);
    /** A step may meet the moment in which a leader is elected: what is refused with 503 is asked again. */
    const step = (name: string, body: object = {}): Promise<void> =>
      eventually(async () => {
        const { status, body: answer } = await order.post(`/orders/${orderId}/${name}`, body);
        expect({ status, answer }).toMatchObject({ status: 200 });
      }, 60_000);

    await step('confirm');
    const [victim] = deployment.nodes;
    await victim!.kill('SIGKILL');
    await reaches('processing');
    await step('sign', { signedBy: 'Ada Lovelace' });
    await victim!.restart();
    await reaches('shipped');
    await step('receive', { signedBy: 'Ada Lovelace' });
    await reaches('received');
    await untilHealthy(victim!);

    const wanted = ['order.created'];
    await eventually(async () => {
      const path = `/users/${userId}/notifications?limit=200`;
      const { body } = await otherUser.get<{ items: { type: string }[] }>(path);
      expect(body.items.map(({ type }) => type)).toEqual(expect.arrayContaining(wanted));
    }, 60_000);
  }, 240_000);

  it('has every event settled by every group, none of them dead, and met no right that it lacks', async () => {
    const admin = await asUser('admin');
    const jsm = await jetstreamManager(admin);
    for (const app of APPS) {
      const stream = { user: 'EVENTS_user', order: 'EVENTS_order', scheduler: 'EVENTS_timer' }[app];
      await eventually(async () => {
        const consumers = await jsm.consumers.list(stream).next();
        const behind = consumers.filter(
          ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending > 1,
        );
        expect(behind.map(({ name }) => name)).toEqual([]);
      }, 60_000);
    }
    expect((await jsm.streams.info('DEAD_LETTERS')).state.messages).toBe(0);
    expect(deployment.logs).not.toMatch(/permissions violation/i);
    await admin.close();
  }, 120_000);
});

import { connect, NatsConnection } from '@nats-io/transport-node';
import { JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { AppProcess } from '../support/app.process.js';
import { APPS, Deployment } from '../support/deployment/deployment.js';
import { untilHealthy } from '../support/deployment/nats.nodes.js';
import { OrderStory, Replicas } from '../support/deployment/order.story.js';
import { EventStream } from '../support/event.stream.js';
import { eventually } from '../support/eventually.js';
import { HookReceiver } from '../support/hook.receiver.js';
import { refused } from '../support/refused.js';

const PATIENCE_MS = 60_000;
const SIGNATURE = { signedBy: 'Ada Lovelace' };

// The configuration, the users and the images' files of compose and Kubernetes, as processes of this machine.
describe('a deployment', () => {
  let deployment: Deployment;
  let hooks: HookReceiver;
  let users: Replicas;
  let orders: Replicas;
  let scheduler: AppProcess;
  let admin: NatsConnection;
  let jsm: JetStreamManager;

  const asUser = (user: string, options: object = {}): Promise<NatsConnection> =>
    connect({
      servers: deployment.natsUrl.split(','),
      user,
      pass: deployment.secret(`${user}/NATS_PASSWORD`),
      tls: { caFile: deployment.authority },
      reconnect: false,
      ...options,
    });

  beforeAll(async () => {
    hooks = await HookReceiver.start();
    deployment = await Deployment.start();
    // Compose does it side by side too.
    await Promise.all(APPS.map((app) => deployment.provision(app)));
    const twice = (app: 'user' | 'order', env: Record<string, string>): Promise<Replicas> =>
      Promise.all([deployment.startApp(app, env), deployment.startApp(app, env)]);
    [users, orders, scheduler] = await Promise.all([
      twice('user', { WEBHOOK_HOSTS: hooks.host }),
      // With delays, so that answers of the bank and of carriers are kept for later on the server.
      twice('order', { PAYMENT_DELAY: '500ms', SHIPMENT_DELAY: '500ms' }),
      deployment.startApp('scheduler', { TICK_INTERVAL: '1s' }),
    ]);
    admin = await asUser('admin', { reconnect: true });
    jsm = await jetstreamManager(admin);
  }, 300_000);
  afterAll(async () => {
    await admin?.close();
    await deployment?.stop();
    hooks?.stop();
  }, 60_000);

  it('refuses clients without the authority, without a password and with another one', async () => {
    await expect(asUser('order', { tls: {} })).rejects.toThrow(/certificate/);
    for (const wrong of [
      { user: undefined, pass: undefined },
      { pass: 'guessed' },
      { pass: deployment.secret('user/NATS_PASSWORD') },
    ])
      await expect(asUser('order', wrong)).rejects.toThrow(/Authorization Violation/);
  }, 30_000);

  it('keeps everything on three nodes', async () => {
    const streams = await jsm.streams.list().next();
    const alone = streams.filter(({ config }) => config.num_replicas !== 3).map(({ config }) => config.name);
    expect(streams.length).toBeGreaterThan(20);
    // Leases on configurations are in memory, and end by themselves.
    expect(alone.filter((name) => name !== 'MILLRACE_PROVISIONING')).toEqual([]);
  }, 30_000);

  it('lets nobody in without an API key', async () => {
    const [{ url }] = orders;
    expect((await fetch(`${url}/orders`)).status).toBe(401);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  describe('with users who may do no more than the code of their app says', () => {
    let story: OrderStory;
    beforeAll(async () => {
      story = await OrderStory.begin(users, orders);
    }, 90_000);

    it('takes an order through its life while a node is killed and comes back', async () => {
      const id = await story.create();
      const stream = await EventStream.open(`${orders[1].url}/orders/${id}/stream`, deployment.apiKey);
      await story.step(id, 'confirm');
      await eventually(() => expect(stream.text).toContain('"status":"confirmed"'));
      stream.leave();

      const [victim] = deployment.nodes;
      await victim!.kill('SIGKILL');
      await story.reaches(id, 'processing');
      await story.step(id, 'sign', SIGNATURE);
      await victim!.restart();
      await story.reaches(id, 'shipped');
      await story.step(id, 'receive', SIGNATURE);
      await story.reaches(id, 'received');
      await untilHealthy(victim!);

      // Events of one moment may overtake each other.
      const life = ['created', 'updated', 'updated', 'paid', 'processing', 'signed', 'shipped', 'received'];
      const wanted = life.map((step) => `order.${step}`).sort();
      await eventually(async () => expect((await story.told(id)).sort()).toEqual(wanted), PATIENCE_MS);
    }, 240_000);

    it('takes back what is cancelled and what is returned, and tells of it', async () => {
      const [cancelled, returned] = await Promise.all([story.create({ confirm: true }), story.create()]);
      await story.step(returned, 'confirm');
      await Promise.all([cancelled, returned].map((id) => story.reaches(id, 'processing')));
      await story.step(cancelled, 'cancel');
      await story.step(returned, 'sign', SIGNATURE);
      await story.reaches(returned, 'shipped');
      await story.step(returned, 'receive', SIGNATURE);
      await story.step(returned, 'return', { reason: 'It does not fit' });
      await story.step(returned, 'returned');
      for (const id of [cancelled, returned]) {
        await story.reaches(id, 'refunded');
        await eventually(async () => expect(await story.told(id)).toContain('order.refunded'), PATIENCE_MS);
      }
    }, 240_000);

    it('tells who listens, and posts it where the customer wants it', async () => {
      const path = `/users/${story.userId}`;
      const channels = [{ channel: 'webhook', settings: { url: `http://${hooks.host}/hook` } }];
      const chosen = await users[0].request('PUT', `${path}/notification-preferences`, { channels });
      expect(chosen).toMatchObject({ status: 200 });
      const stream = await EventStream.open(`${users[1].url}${path}/notifications/stream`, deployment.apiKey);
      const id = await story.create();
      await eventually(() => {
        expect(stream.text).toContain(id);
        expect(hooks.texts).toContainEqual(expect.stringContaining(id));
      }, PATIENCE_MS);
      stream.leave();
    }, 120_000);

    it('counts what happened, by workers of other apps', async () => {
      const from = new Date(Date.now() - 3_600_000).toISOString();
      const asked = await scheduler.post('/reports', { from });
      expect(asked).toMatchObject({ status: 202 });
      await eventually(async () => {
        const { body } = await scheduler.get(`/reports/${String(asked.body['id'])}`);
        expect({ error: body['error'], ...body }).toMatchObject({ state: 'done', error: undefined });
      }, PATIENCE_MS);
    }, 90_000);

    it('has every event settled by every group, none of them dead, and lacked no right', async () => {
      for (const context of ['user', 'order', 'payment', 'stock', 'shipment', 'reminder', 'notification'])
        await eventually(async () => {
          const consumers = await jsm.consumers.list(`EVENTS_${context}`).next();
          const behind = consumers.filter(
            ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending,
          );
          expect(behind.map(({ name }) => name)).toEqual([]);
        }, PATIENCE_MS);
      expect((await jsm.streams.info('DEAD_LETTERS')).state.messages).toBe(0);
      expect(deployment.violations).toEqual([]);
      expect(deployment.logs).not.toMatch(/violation/i);
    }, 120_000);
  });

  // After the story: if something of this were not refused, nothing would be left of it.
  it('refuses an app what is not its own, and tells of it', async () => {
    const order = await asUser('order', { inboxPrefix: '_INBOX.order' });
    const before = await jsm.streams.info('EVENTS_order');
    for (const subject of [
      '$JS.API.STREAM.INFO.KV_user-storage',
      '$JS.API.DIRECT.GET.KV_users.$KV.users.x',
      '$KV.users.x',
      'events.user.registered.x',
      '$JS.API.CONSUMER.MSG.NEXT.EVENTS_order.user-notifications',
      '$JS.API.STREAM.UPDATE.EVENTS_order',
      '$JS.API.STREAM.PURGE.EVENTS_order',
      '$JS.API.STREAM.DELETE.EVENTS_order',
    ])
      await refused(order.request(subject, '', { timeout: 2000 }));
    for (const subject of ['events.>', '_INBOX.user.>', '>'])
      await refused(
        new Promise((resolve, reject) =>
          order.subscribe(subject, { callback: (error) => (error ? reject(error) : resolve(undefined)) }),
        ),
      );
    expect((await jsm.streams.info('EVENTS_order')).state.messages).toBe(before.state.messages);
    await eventually(() => expect(deployment.violations.length).toBeGreaterThanOrEqual(11));
    await order.close();
  }, 60_000);
});

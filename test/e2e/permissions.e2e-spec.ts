import { readFileSync } from 'node:fs';
import { JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, NatsConnection } from '@nats-io/transport-node';
import { permissionsFile, printPermissions } from '../../scripts/lib/permissions.mjs';
import { AppName, AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { ADMIN, APP_NAMES, credentialsOf, GuardedServer } from '../support/guarded.server.js';
import { refused } from '../support/refused.js';
import { createOrder, notificationsOf, registerUser } from '../support/system.js';

interface StressReport {
  error?: string;
  counts: Record<string, number>;
  stages: { stage: string; count: number }[];
}

let guarded: GuardedServer;

beforeAll(async () => {
  guarded = await GuardedServer.start();
  for (const app of APP_NAMES) await guarded.provision(app);
}, 180_000);
afterAll(() => guarded?.server.stop());

describe('the permissions that are deployed', () => {
  it.each(APP_NAMES)(
    'of %s are those that its code needs (npm run permissions writes them)',
    async (app) => {
      expect(readFileSync(permissionsFile(app), 'utf8')).toBe(await printPermissions(app));
    },
    60_000,
  );
});

describe('apps that may do no more than their code says', () => {
  let apps: Record<AppName, AppProcess>;
  beforeAll(async () => {
    const started = await Promise.all(APP_NAMES.map((app) => guarded.startApp(app)));
    apps = Object.fromEntries(APP_NAMES.map((app, at) => [app, started[at]])) as typeof apps;
  }, 120_000);
  afterAll(async () => {
    await Promise.all(APP_NAMES.map((app) => apps?.[app]?.end('SIGKILL')));
  });

  it('register users, take orders and tell of them', async () => {
    const userId = await registerUser(apps.user);
    await createOrder(apps.order, userId);
    await eventually(async () => {
      const types = (await notificationsOf(apps.user, userId)).map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(['order.created', 'user.registered']));
    });
    expect((await apps.user.delete(`/users/${userId}`)).status).toBe(204);
  }, 60_000);

  it('keep values under locks', async () => {
    const stored = await apps.user.request('PUT', '/storage/a%20key', { value: { n: 1 } });
    expect(stored).toMatchObject({ status: 200 });
    expect(await apps.user.get('/storage/a%20key')).toMatchObject({ body: { value: { n: 1 } } });
    expect(await apps.user.post('/storage/a%20key/pop', {})).toMatchObject({ status: 200 });
    await apps.user.request('PUT', '/storage/other', { value: 2 });
    expect(await apps.user.post('/storage/clear', {})).toMatchObject({ status: 200 });
  }, 60_000);

  it('tick, register users by it, and fire schedules made at run time', async () => {
    await eventually(async () => {
      const { body } = await apps.scheduler.get<{ ticks: number }>('/timer');
      expect(body.ticks).toBeGreaterThan(2);
    });
    const made = await apps.scheduler.post('/schedules', { name: 'often', every: '500ms', message: 'now' });
    expect(made).toMatchObject({ status: 201 });
    expect(await apps.scheduler.post('/schedules/often/trigger', {})).toMatchObject({ status: 202 });
    await eventually(async () => {
      const { body } = await apps.scheduler.get<unknown[]>('/schedules/often/history');
      expect(body.length).toBeGreaterThan(2);
    });
    for (const step of ['pause', 'resume']) {
      expect((await apps.scheduler.post(`/schedules/often/${step}`, {})).status).toBe(200);
    }
    expect((await apps.scheduler.delete('/schedules/often')).status).toBe(204);
  }, 60_000);

  it('count what happened, by workers of other apps', async () => {
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const asked = await apps.scheduler.post('/reports', { from });
    expect(asked).toMatchObject({ status: 202 });
    await eventually(async () => {
      const { body } = await apps.scheduler.get(`/reports/${String(asked.body['id'])}`);
      expect({ error: body['error'], ...body }).toMatchObject({ state: 'done', error: undefined });
    }, 40_000);
  }, 60_000);

  it('are stressed, which reads what the others store', async () => {
    const pace = { ratePerSecond: 2, seconds: 2 };
    const started = await apps.scheduler.post<{ id: string }>('/stress', pace);
    expect(started).toMatchObject({ status: 202 });
    const run = await eventually(async () => {
      const { body } = await apps.scheduler.get<StressReport>(`/stress/${started.body.id}`);
      expect({ error: body.error, ...body }).toMatchObject({ state: 'done', error: undefined });
      return body;
    }, 60_000);
    expect(run.counts).toMatchObject({ sent: 4, lost: 0 });
    // A command may run out of time on a busy machine.
    const { answered = 0 } = run.counts;
    expect(answered).toBeGreaterThan(0);
    for (const { stage, count } of run.stages) {
      if (stage === 'announced' || stage === 'created') expect(count).toBeGreaterThanOrEqual(answered);
    }
  }, 90_000);

  it('are refused nothing meanwhile, and stop as they should', async () => {
    const exits = await Promise.all(APP_NAMES.map((app) => apps[app].end('SIGTERM')));
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(guarded.violations).toEqual([]);
    for (const app of APP_NAMES) expect(apps[app].output).not.toMatch(/violation/i);
  }, 60_000);
});

describe('a user of an app', () => {
  interface Client {
    nc: NatsConnection;
    jsm: JetStreamManager;
  }
  const open: NatsConnection[] = [];
  const as = async ({ user, pass }: typeof ADMIN, inboxPrefix: string): Promise<Client> => {
    const nc = await connect({ servers: guarded.server.url, user, pass, inboxPrefix });
    open.push(nc);
    return { nc, jsm: await jetstreamManager(nc, { checkAPI: false, timeout: 2000 }) };
  };
  const clients = {} as Record<AppName, Client>;
  beforeAll(async () => {
    for (const app of APP_NAMES) clients[app] = await as(credentialsOf(app), `_INBOX.${app}`);
  });
  afterAll(() => Promise.all(open.map((nc) => nc.close())));

  /** What an app has of its own, and others must not touch. */
  const OWN: Record<AppName, { bucket: string; event: string; inbox: string }> = {
    order: { bucket: 'orders', event: 'events.order.created.x', inbox: '_INBOX.order.x' },
    user: { bucket: 'users', event: 'events.user.registered.x', inbox: '_INBOX.user.x' },
    scheduler: { bucket: 'schedules', event: 'events.timer.ticked.x', inbox: '_INBOX.scheduler.x' },
  };
  const PAIRS = APP_NAMES.flatMap((app) =>
    APP_NAMES.filter((other) => other !== app).map((other) => [app, other] as const),
  );

  const request = ({ nc }: Client, subject: string): Promise<unknown> =>
    nc.request(subject, '{}', { timeout: 2000 });

  it.each(PAIRS)("%s cannot read, write or watch a bucket of %s's", async (app, other) => {
    const { bucket } = OWN[other];
    const stream = `KV_${bucket}`;
    const { jsm } = clients[app];
    await refused(jsm.streams.info(stream));
    await refused(jsm.streams.getMessage(stream, { last_by_subj: `$KV.${bucket}.>` }));
    await refused(jsm.direct.getMessage(stream, { last_by_subj: `$KV.${bucket}.k` }));
    await refused(jsm.consumers.add(stream, { name: 'spy', filter_subject: `$KV.${bucket}.>` }));
    await refused(jsm.consumers.add(stream, {}));
    await refused(request(clients[app], `$JS.API.CONSUMER.MSG.NEXT.${stream}.spy`));
    await refused(request(clients[app], `$KV.${bucket}.k`));
    await refused(request(clients[app], `outbox.${bucket}.order.created.k.1`));
  });

  it.each(PAIRS)("%s cannot publish an event of %s's, or hear its answers", async (app, other) => {
    const { event, inbox } = OWN[other];
    await refused(request(clients[app], event));
    await refused(request(clients[app], inbox));
    const { nc } = clients[app];
    await refused(
      new Promise((resolve, reject) =>
        nc.subscribe(inbox, { callback: (error) => (error ? reject(error) : resolve(undefined)) }),
      ),
    );
  });

  it.each(PAIRS)('%s cannot take the messages of a group of %s', async (app, other) => {
    const group = {
      order: 'EVENTS_user.order-customers',
      user: 'EVENTS_order.user-notifications',
      scheduler: 'EVENTS_reminder.scheduler-reminders',
    }[other];
    for (const verb of ['MSG.NEXT', 'PAUSE', 'INFO'])
      await refused(request(clients[app], `$JS.API.CONSUMER.${verb}.${group}`));
    await refused(request(clients[app], `$JS.ACK.${group}.1.1.1.1.0`));
  });

  it.each(APP_NAMES)('%s cannot manage streams or durable consumers, its own included', async (app) => {
    const { jsm } = clients[app];
    const own = `KV_${OWN[app].bucket}`;
    for (const stream of [own, 'EVENTS_order', 'EVENTS_user', 'DEAD_LETTERS', 'MILLRACE_GROUPS']) {
      await refused(jsm.streams.delete(stream));
      await refused(request(clients[app], `$JS.API.STREAM.UPDATE.${stream}`));
      await refused(request(clients[app], `$JS.API.STREAM.SNAPSHOT.${stream}`));
    }
    await refused(jsm.streams.add({ name: 'MINE', subjects: ['mine'] }));
    await refused(jsm.streams.names().next());
    await refused(jsm.streams.list().next());
    for (const stream of [
      'EVENTS_order',
      'EVENTS_user',
      'DEAD_LETTERS',
      'MILLRACE_GROUPS',
      'COMMAND_STATE',
    ]) {
      await refused(jsm.streams.purge(stream));
      await refused(jsm.consumers.add(stream, { durable_name: 'mine' }));
      await refused(jsm.consumers.delete(stream, 'order-lists'));
    }
  });

  it('tells the server of each refusal', () => {
    expect(guarded.violations.length).toBeGreaterThan(100);
  });

  it('admin may do all of it', async () => {
    const { jsm } = await as(ADMIN, '_INBOX.admin');
    expect((await jsm.streams.info('KV_orders')).config.name).toBe('KV_orders');
    await jsm.consumers.add('EVENTS_order', { durable_name: 'probe' });
    expect(await jsm.consumers.delete('EVENTS_order', 'probe')).toBe(true);
  });
});

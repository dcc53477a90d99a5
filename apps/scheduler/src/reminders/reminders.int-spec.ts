import { ReminderCancelled, ReminderRequested } from '@millrace/contracts';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  type Outside,
  startApp,
  startOutside,
  type StoredEvent,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { SchedulerConfig } from '../scheduler.config.js';

const DELAYED = 'MILLRACE_DELAYED';
/** In place of two minutes: for how long the server takes a reminder of the same id for the same one. */
const WINDOW_MS = 1000;
const DAY_MS = 86_400_000;
const SOON_MS = 500;
/** Back to work after the server was killed, on a busy machine. */
const RECOVERY_MS = 45_000;

let server: NatsServer;
let app: TestApp;
let outside: Outside;

beforeAll(async () => {
  server = await startNatsServer();
  app = await startApp(AppModule, testConfig(SchedulerConfig, server, { TICK_INTERVAL: '1h' }));
  outside = await startOutside(server);
  await request('the first', 0);
  await dueOnce('the first');
  await app.connection.jsm.streams.update(DELAYED, { duplicate_window: WINDOW_MS * 1_000_000 });
}, 60_000);
afterAll(async () => {
  await outside?.stop();
  await app?.stop();
  await server?.stop();
});

const request = (reminderId: string, inMs: number): Promise<unknown> => {
  const at = new Date(Date.now() + inMs).toISOString();
  return outside.events.publish(
    new ReminderRequested({ reminderId, kind: 'payment-timeout', orderId: 'o1', at }),
  );
};
const cancel = (reminderId: string): Promise<unknown> =>
  outside.events.publish(new ReminderCancelled({ reminderId }));
const due = async (reminderId: string): Promise<StoredEvent[]> =>
  (await storedEvents(app.connection, 'reminder')).filter(
    ({ subject, body }) => subject.includes('.due.') && body['reminderId'] === reminderId,
  );
const dueOnce = (reminderId: string, times = 1): Promise<true> =>
  until(`${reminderId} has come due ${times} times`, async () => (await due(reminderId)).length === times);
/** Whatever was asked for before has been seen to. */
const allSeenTo = (): Promise<true> =>
  until('all requests have been handled', async () => {
    const { jsm } = app.connection;
    const info = await jsm.consumers.info('EVENTS_reminder', 'scheduler-reminders');
    return info.num_pending === 0 && info.num_ack_pending === 0;
  });
const waiting = async (): Promise<number> => {
  const { state } = await app.connection.jsm.streams.info(DELAYED, { subjects_filter: 'delayed.pending.*' });
  return Object.keys(state.subjects ?? {}).length;
};
const passes = (ms: number): Promise<true> => {
  const end = Date.now() + ms;
  return until('time passes', () => Date.now() > end);
};

describe('reminders', () => {
  it('come due, unless they are cancelled', async () => {
    await request('cancelled', SOON_MS);
    await cancel('cancelled');
    await request('kept', 2 * SOON_MS);
    await dueOnce('kept');
    expect((await due('kept'))[0]?.body).toMatchObject({ kind: 'payment-timeout', orderId: 'o1' });
    expect(await due('cancelled')).toEqual([]);
  });

  it('that have come due, or never were, may be cancelled: nothing comes of it', async () => {
    await request('over', SOON_MS);
    await dueOnce('over');
    await cancel('over');
    await cancel('never');
    await request('next', SOON_MS);
    await dueOnce('next');
    expect(await due('over')).toHaveLength(1);
    expect(await due('never')).toEqual([]);
  });

  it('are the same one when they are asked for again within the window', async () => {
    await request('twice', SOON_MS);
    await request('twice', 3 * SOON_MS);
    await request('behind it', 4 * SOON_MS);
    await dueOnce('behind it');
    expect(await due('twice')).toHaveLength(1);
  });

  it('may be asked for anew after the window: to move them, after they came due, or were cancelled', async () => {
    const ids = ['moved', 'fired', 'withdrawn'];
    await request('moved', DAY_MS);
    await request('fired', SOON_MS);
    await request('withdrawn', DAY_MS);
    await cancel('withdrawn');
    await dueOnce('fired');
    await allSeenTo();
    expect(await waiting()).toBe(1);
    await passes(WINDOW_MS * 1.5);
    for (const id of ids) await request(id, SOON_MS);
    await dueOnce('fired', 2);
    for (const id of ['moved', 'withdrawn']) await dueOnce(id);
    // The first time of what was moved is gone.
    expect(await waiting()).toBe(0);
  });

  it(
    'wait for weeks in the server, which keeps them when it ends, and can still be cancelled',
    async () => {
      await request('in two weeks', 14 * DAY_MS);
      await until('it waits', async () => (await waiting()) === 1);
      const { jsm } = app.connection;
      const find = () => jsm.streams.getMessage(DELAYED, { last_by_subj: 'delayed.pending.*' });
      const stored = await find();
      expect(stored?.subject).toBe('delayed.pending.in=20two=20weeks');
      // Whatever the age at which the stream drops what has come due.
      expect(stored?.header.get('Nats-TTL')).toBe('never');
      const at = Date.parse((stored?.header.get('Nats-Schedule') ?? '').replace('@at ', ''));
      expect(Math.abs(at - Date.now() - 14 * DAY_MS)).toBeLessThan(60_000);
      await server.restart({ signal: 'SIGKILL' });
      await until('the server is back', async () => {
        const found = await find().catch(() => undefined);
        return found?.seq === stored?.seq;
      });
      await cancel('in two weeks');
      await until('it is gone', async () => (await waiting()) === 0, RECOVERY_MS);
      expect(await due('in two weeks')).toEqual([]);
    },
    2 * RECOVERY_MS,
  );
});

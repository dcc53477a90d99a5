import { DynamicModule, INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';
import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { registerUser, System } from '../support/system.js';

const TICK_MS = 250;
/** A keeper that was killed is followed when its lease of 5 s ends. */
const TAKEOVER_MS = 30_000;

interface Timer {
  ticks: number;
  state: string;
}

interface StressRun {
  id: string;
  state: string;
  counts: Record<string, number>;
  stages: { stage: string; count: number; p50: number; max: number }[];
}

/** Somebody else on the bus. */
@Module({})
class Listener {
  static forRoot(servers: string): DynamicModule {
    const imports = [NatsModule.forRoot({ name: 'listener', servers }), EventsModule.forRoot()];
    return { module: Listener, imports };
  }
}

describe('system 4: an event bus with a timer and a database', () => {
  let system: System;
  let user: AppProcess;
  let schedulers: AppProcess[];
  let listener: INestApplicationContext;

  beforeAll(async () => {
    system = await System.start();
    const env = { TICK_INTERVAL: `${TICK_MS}ms` };
    [user] = await Promise.all([system.startApp('user'), system.startApp('order')]);
    schedulers = await Promise.all([1, 2].map(() => system.startApp('scheduler', env)));
    listener = await NestFactory.createApplicationContext(Listener.forRoot(system.server.url), {
      logger: ['error'],
    });
  }, 120_000);
  afterAll(async () => {
    await listener?.close();
    await system?.stop();
  });

  const timer = async (): Promise<Timer> => (await schedulers.at(-1)!.get<Timer>('/timer')).body;
  const afterTicks = async (more: number): Promise<void> => {
    const { ticks: before } = await timer();
    await eventually(
      async () => expect((await timer()).ticks).toBeGreaterThanOrEqual(before + more),
      TAKEOVER_MS,
    );
  };
  const bodiesOf = async (stream: string, subject: string): Promise<Record<string, unknown>[]> =>
    (await system.client.read(stream, subject)).map(
      ({ text }) => JSON.parse(text) as Record<string, unknown>,
    );
  const ticks = async (): Promise<number[]> =>
    (await bodiesOf('EVENTS_timer', 'events.timer.ticked.*')).map(({ tick }) => Number(tick));
  const timerUsers = async (): Promise<string[]> =>
    (await bodiesOf('EVENTS_user', 'events.user.registered.*'))
      .filter(({ origin }) => origin === 'timer')
      .map(({ userId }) => String(userId));

  it('calls back who subscribed, by the type of event, until they unsubscribe', async () => {
    const bus = listener.get(EventBus);
    const heard = { registered: [] as unknown[], unregistered: [] as unknown[], all: [] as unknown[] };
    const from = 'new' as const;
    const registered = await bus.subscribe(
      'user.registered',
      (_, { key }) => void heard.registered.push(key),
      {
        group: 'arrivals',
        from,
      },
    );
    await bus.subscribe('user.unregistered', (_, { key }) => void heard.unregistered.push(key), {
      group: 'departures',
      from,
    });
    await bus.subscribe('user.*', (_, { key }) => void heard.all.push(key), { group: 'everything', from });

    const id = await registerUser(user);
    await eventually(() => expect(heard.registered).toContain(id));
    expect(heard.unregistered).toEqual([]);
    expect((await user.delete(`/users/${id}`)).status).toBe(204);
    await eventually(() => expect(heard.unregistered).toEqual([id]));

    await registered.unsubscribe();
    const later = await registerUser(user);
    await eventually(() => expect(heard.all).toContain(later));
    expect(heard.registered).not.toContain(later);
  }, 60_000);

  it('registers a new user on every tick, stores it and announces it', async () => {
    await afterTicks(4);
    const told = await timerUsers();
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told).size).toBe(told.length);
    const { status, body } = await user.get(`/users/${told[0]}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { id: told[0], origin: 'timer' } });
  }, 60_000);

  it('goes on with every tick once, and a user for each, when a scheduler is killed', async () => {
    await schedulers[0]!.end('SIGKILL');
    await afterTicks(8);
    expect((await schedulers[1]!.post<Timer>('/timer/pause', {})).body.state).toBe('paused');
    const users = await eventually(async () => {
      const [fired, told] = [await ticks(), await timerUsers()];
      expect(told).toHaveLength(fired.length);
      return told;
    }, TAKEOVER_MS);
    const fired = await ticks();
    expect(fired).toEqual(fired.map((_, at) => fired[0]! + at));
    expect(new Set(users).size).toBe(users.length);
  }, 90_000);

  it('stands a stress test, and reports how long everything took', async () => {
    const scheduler = schedulers[1]!;
    const { status, body } = await scheduler.post<StressRun>('/stress', { ratePerSecond: 5, seconds: 3 });
    expect(status).toBe(202);
    const run = await eventually(async () => {
      const { body: found } = await scheduler.get<StressRun>(`/stress/${body.id}`);
      expect(found.state).toBe('done');
      return found;
    }, 90_000);
    expect(run.counts).toMatchObject({ sent: 15, refused: 0, lost: 0 });
    const { answered = 0, failed = 0, cancelled = 0 } = run.counts;
    // A command may run out of time on a busy machine; what was answered is not lost for all that.
    expect(answered).toBeGreaterThan(0);
    expect(answered + failed).toBe(15);
    const counts = Object.fromEntries(run.stages.map(({ stage, count }) => [stage, count]));
    expect(counts['placed']).toBe(answered);
    for (const stage of ['registered', 'announced', 'created']) {
      expect(counts[stage]).toBeGreaterThanOrEqual(answered);
    }
    // What was paid is processed, what was not is cancelled.
    expect(counts['processing']! + cancelled).toBeGreaterThanOrEqual(answered);
    for (const { count, p50, max } of run.stages) if (count > 0) expect(max).toBeGreaterThanOrEqual(p50);
    const answer = await fetch(`${scheduler.url}/stress/${run.id}`, { headers: { accept: 'text/plain' } });
    const table = await answer.text();
    expect(table).toContain(`sent 15, answered ${answered}`);
  }, 120_000);
});

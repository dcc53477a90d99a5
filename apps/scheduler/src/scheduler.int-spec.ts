import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  startApp,
  type StoredEvent,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { SchedulerConfig } from './scheduler.config.js';
import { type TimerDto } from './timer/timer.dto.js';
import { TimerService } from './timer/timer.service.js';

const INTERVAL_MS = 100;

let server: NatsServer;
let app: TestApp;

const start = (): Promise<TestApp> =>
  startApp(AppModule, testConfig(SchedulerConfig, server, { TICK_INTERVAL: `${INTERVAL_MS}ms` }));
const stateOf = async (of: TestApp = app): Promise<TimerDto> =>
  (await of.request('GET', '/timer')).body as TimerDto;
const ticks = (): Promise<StoredEvent[]> => storedEvents(app.connection, 'timer');
const afterTicks = (count: number, of: TestApp = app): Promise<TimerDto> =>
  until(`${count} ticks are fired`, async () => {
    const state = await stateOf(of);
    return state.ticks.fired + state.ticks.duplicate >= count && state;
  });

beforeAll(async () => {
  server = await startNatsServer();
  app = await start();
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await server?.stop();
});

describe('the timer', () => {
  it('announces every tick, at whole multiples of its interval', async () => {
    await afterTicks(5);
    const stored = await ticks();
    expect(stored.length).toBeGreaterThanOrEqual(5);
    for (const { subject, id, body } of stored) {
      const scheduledFor = Date.parse(String(body['scheduledFor']));
      expect(subject).toBe('events.timer.ticked.timer');
      expect(id).toBe(`timer@${String(body['scheduledFor'])}`);
      expect(body).toMatchObject({ schedule: 'timer', tick: scheduledFor / INTERVAL_MS });
      expect(scheduledFor % INTERVAL_MS).toBe(0);
    }
    const numbers = stored.map(({ body }) => Number(body['tick']));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('tells its state', async () => {
    const state = await afterTicks(1);
    expect(state).toMatchObject({
      schedule: 'timer',
      intervalMs: INTERVAL_MS,
      state: 'running',
      ticks: { failed: 0 },
    });
    expect(state.next?.tick).toBeGreaterThan(state.last?.tick ?? Infinity);
  });

  it('makes one event per tick, however many replicas fire', async () => {
    const other = await start();
    try {
      const both = await until('each replica came second once', async () => {
        const [mine, theirs] = [await stateOf(), await stateOf(other)];
        return (
          mine.ticks.duplicate + theirs.ticks.duplicate >= 5 &&
          theirs.ticks.fired + theirs.ticks.duplicate >= 5
        );
      });
      expect(both).toBe(true);
      const numbers = (await ticks()).map(({ body }) => Number(body['tick']));
      expect(new Set(numbers).size).toBe(numbers.length);
    } finally {
      await other.stop();
    }
  });

  it('is silent while paused, and goes on when resumed', async () => {
    const paused = await app.request('POST', '/timer/pause');
    expect(paused).toMatchObject({ status: 200, body: { state: 'paused' } });
    expect(paused.body).not.toHaveProperty('next');
    const before = await until('what was under way is done', async () => {
      const state = await stateOf();
      const stored = await ticks();
      return state.last?.tick === stored.at(-1)?.body['tick'] && stored.length;
    });
    const silentUntil = Date.now() + 3 * INTERVAL_MS;
    await until('some intervals have passed', () => Date.now() > silentUntil);
    expect(await ticks()).toHaveLength(before);
    expect(await app.request('POST', '/timer/resume')).toMatchObject({
      status: 200,
      body: { state: 'running' },
    });
    await until('it ticks again', async () => (await ticks()).length > before);
  });

  it('reports the ticks that it could not publish, and goes on when NATS is back', async () => {
    await server.kill();
    await until('a tick has failed', async () => (await stateOf()).ticks.failed > 0);
    expect(await app.request('GET', '/timer')).toMatchObject({ status: 200 });
    await server.restart();
    const { ticks: sofar } = await stateOf();
    await afterTicks(sofar.fired + sofar.duplicate + 3);
  }, 30_000);

  it('stops with the app, and loses no tick over it', async () => {
    const other = await start();
    await afterTicks(2, other);
    const timer = other.get(TimerService);
    await other.stop();
    expect(timer.state).toMatchObject({ state: 'stopped', ticks: { failed: 0 } });
    const { fired, duplicate } = timer.state.ticks;
    expect(fired + duplicate).toBeGreaterThanOrEqual(2);
  });
});

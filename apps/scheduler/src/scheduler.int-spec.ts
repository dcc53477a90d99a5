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

const INTERVAL_MS = 100;

let server: NatsServer;
let app: TestApp;

const start = (): Promise<TestApp> =>
  startApp(AppModule, testConfig(SchedulerConfig, server, { TICK_INTERVAL: `${INTERVAL_MS}ms` }));
const stateOf = async (of: TestApp = app): Promise<TimerDto> =>
  (await of.request('GET', '/timer')).body as TimerDto;
const ticks = (): Promise<StoredEvent[]> => storedEvents(app.connection, 'timer');
const afterTicks = (count: number): Promise<TimerDto> =>
  until(`${count} ticks are fired`, async () => {
    const state = await stateOf();
    return state.ticks >= count && state;
  });
const numbersOf = (stored: readonly StoredEvent[]): number[] =>
  stored.map(({ body }) => Number(body['tick']));

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
    expect(stored.length).toBeGreaterThanOrEqual(3);
    for (const { subject, id, body } of stored) {
      const scheduledFor = Date.parse(String(body['scheduledFor']));
      expect(subject).toBe('events.timer.ticked.timer');
      expect(id).toBe(`timer@${String(body['scheduledFor'])}`);
      expect(body).toMatchObject({ schedule: 'timer', tick: scheduledFor / INTERVAL_MS });
      expect(scheduledFor % INTERVAL_MS).toBe(0);
    }
  });

  it('tells its state', async () => {
    const state = await afterTicks(1);
    expect(state).toMatchObject({ schedule: 'timer', intervalMs: INTERVAL_MS, state: 'running' });
    expect(state.next?.tick).toBeGreaterThan(state.last?.tick ?? Infinity);
  });

  it('makes one event per tick, and leaves none out, however many replicas come and go', async () => {
    const other = await start();
    const { ticks: before } = await stateOf();
    await afterTicks(before + 3);
    await app.stop();
    app = other;
    const { ticks: left } = await stateOf();
    await afterTicks(left + 3);
    const numbers = numbersOf(await ticks());
    const first = numbers[0] ?? 0;
    expect(numbers).toEqual(numbers.map((_, at) => first + at));
  }, 30_000);

  it('is silent in all replicas while paused, and goes on when resumed', async () => {
    expect(await app.request('POST', '/timer/pause')).toMatchObject({
      status: 200,
      body: { state: 'paused' },
    });
    const before = await until('what was under way is stored', async () => {
      const [state, stored] = [await stateOf(), await ticks()];
      return state.last?.tick === numbersOf(stored).at(-1) && stored.length;
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

  it('goes on when NATS is back, with the ticks that came due meanwhile', async () => {
    await server.kill();
    expect(await app.request('GET', '/timer')).toMatchObject({ status: 503 });
    await server.restart();
    const { ticks: sofar } = await until('it answers', async () => {
      const { status, body } = await app.request('GET', '/timer');
      return status === 200 && (body as TimerDto);
    });
    await afterTicks(sofar + 3);
    const numbers = numbersOf(await ticks());
    expect(new Set(numbers).size).toBe(numbers.length);
  }, 60_000);
});

describe('schedules over HTTP', () => {
  const due = async (schedule: string): Promise<StoredEvent[]> =>
    (await storedEvents(app.connection, 'schedule')).filter(({ body }) => body['schedule'] === schedule);

  it('are made, fire, are held back, triggered, told of and removed', async () => {
    const made = await app.request('POST', '/schedules', { name: 'tea', every: '1s', message: 'now' });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'tea', state: 'active', timing: 'every 1000 ms', target: 'schedule.due' },
    });
    await until('it fires', async () => (await due('tea')).length > 0);
    expect((await due('tea'))[0]?.body).toMatchObject({
      schedule: 'tea',
      message: 'now',
      run: 1,
      missed: false,
    });
    expect(await app.request('POST', '/schedules', { name: 'tea', every: '1s' })).toMatchObject({
      status: 409,
      body: { code: 'SCHEDULE_EXISTS' },
    });
    expect(await app.request('POST', '/schedules/tea/pause')).toMatchObject({ body: { state: 'paused' } });
    const { body } = await app.request('POST', '/schedules/tea/trigger');
    await until('the trigger is stored', async () =>
      (await due('tea')).some(({ id }) => id === (body as { id: string }).id),
    );
    expect((await app.request('GET', '/schedules/tea/history?last=1')).body).toMatchObject([
      { manual: true, outcome: 'stored' },
    ]);
    expect(await app.request('POST', '/schedules/tea/resume')).toMatchObject({ body: { state: 'active' } });
    const { body: all } = await app.request('GET', '/schedules');
    expect(all).toMatchObject([
      { name: 'nightly report', declared: true },
      { name: 'tea' },
      { name: 'timer' },
    ]);
    expect(await app.request('DELETE', '/schedules/tea')).toMatchObject({ status: 204 });
    expect(await app.request('GET', '/schedules/tea')).toMatchObject({
      status: 404,
      body: { code: 'SCHEDULE_UNKNOWN' },
    });
  }, 30_000);

  it('say what is wrong with them', async () => {
    for (const wrong of [
      { cron: '0 0 31 2 *' },
      { cron: '0 9 * * *', timeZone: 'Mars/Olympus' },
      { at: '2020-01-01T00:00:00Z' },
      { every: '1ms' },
      {},
      { every: '1s', cron: '0 9 * * *' },
    ]) {
      const { status, body } = await app.request('POST', '/schedules', { name: 'wrong', ...wrong });
      expect({ status, code: (body as { code: string }).code }).toEqual({
        status: 400,
        code: 'SCHEDULE_INVALID',
      });
    }
    expect(await app.request('DELETE', `/schedules/${encodeURIComponent('nightly report')}`)).toMatchObject({
      status: 400,
    });
  });
});

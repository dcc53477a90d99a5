import { OrderCreated, OrderLine } from '@millrace/contracts';
import { EventBus } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import { startApp, type TestApp, testConfig, until } from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { SchedulerConfig } from '../scheduler.config.js';
import { type StressRun } from './stress.bucket.js';
import { StandIn, StandInApp, StandInConfig } from './stress.fixture.js';
import { StressFollower, UnitIds } from './stress.follower.js';
import { StressTally } from './stress.tally.js';

/** Times of two clocks, to the millisecond. */
const ROUNDING_MS = 2;

let server: NatsServer;
let replicas: readonly [TestApp, TestApp];
let standIn: TestApp;

const start = (): Promise<TestApp> =>
  startApp(AppModule, testConfig(SchedulerConfig, server, { TICK_INTERVAL: '1h' }));
const begin = async (ratePerSecond: number, seconds: number): Promise<string> => {
  const { status, body } = await replicas[0].request('POST', '/stress', { ratePerSecond, seconds });
  expect({ status, body }).toMatchObject({ status: 202, body: { state: 'running' } });
  return (body as StressRun).id;
};
const over = (id: string): Promise<StressRun> =>
  until(
    `run ${id} is over`,
    async () => {
      const { body } = await replicas[1].request('GET', `/stress/${id}`);
      return (body as StressRun).finishedAt !== undefined && (body as StressRun);
    },
    30_000,
  );

beforeAll(async () => {
  server = await startNatsServer();
  standIn = await startApp(StandInApp, testConfig(StandInConfig, server));
  replicas = [await start(), await start()];
}, 60_000);
afterAll(async () => {
  await Promise.all((replicas ?? []).map((replica) => replica.stop()));
  await standIn?.stop();
  await server?.stop();
});

describe('a stress run', () => {
  it('sends what is due, follows what is told of it, and reports latencies and counts', async () => {
    const fates = ['refused', 'broken', 'cancelled', 'processed'] as const;
    standIn.get(StandIn).fateOf = (unit) => fates[unit] ?? 'processed';
    const run = await over(await begin(40, 2));
    expect(run).toMatchObject({
      state: 'done',
      counts: { sent: 80, answered: 78, refused: 1, failed: 1, cancelled: 1, lost: 0 },
    });
    expect(run.stages.map(({ stage, count }) => [stage, count])).toEqual([
      ['registered', 78],
      ['announced', 78],
      ['placed', 78],
      ['created', 78],
      ['paid', 77],
      ['processing', 77],
    ]);
    for (const { p50, p90, p99, max } of run.stages) {
      expect(p50).toBeGreaterThan(0);
      expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].sort((a, b) => a - b));
    }
    // By when they were stored, which is before the answers; when they are read matters not.
    const [registered, announced, placed, created] = run.stages.map(({ p50 }) => p50);
    expect(announced).toBeLessThanOrEqual(registered! + ROUNDING_MS);
    expect(created).toBeLessThanOrEqual(placed! + ROUNDING_MS);
    const answer = await fetch(`${replicas[0].url}/stress/${run.id}`, { headers: { accept: 'text/plain' } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await answer.text()).toMatch(/sent 80, answered 78[\s\S]+order\.processing stored +77 /);
  }, 60_000);

  it('counts from when a unit was due: a system that stands still makes all that wait for it late', async () => {
    const system = standIn.get(StandIn);
    system.fateOf = () => 'processed';
    system.stillUntil = Date.now() + 1500;
    const run = await over(await begin(50, 1));
    expect(run.counts).toMatchObject({ sent: 50, answered: 50, lost: 0 });
    const [registered] = run.stages;
    // One by one, only the first would have been late.
    expect(registered?.p50).toBeGreaterThan(500);
    expect(registered?.max).toBeGreaterThan(registered?.p50 ?? 0);
  }, 60_000);

  it('is one at a time in all replicas, and is ended through any of them', async () => {
    const id = await begin(20, 60);
    for (const replica of replicas) {
      expect(await replica.request('POST', '/stress', { ratePerSecond: 1, seconds: 1 })).toMatchObject({
        status: 409,
        body: { code: 'STRESS_RUNNING' },
      });
    }
    await until('it has begun', async () => {
      const { body } = await replicas[1].request('GET', `/stress/${id}`);
      return (body as StressRun).counts.sent > 0;
    });
    expect(await replicas[1].request('DELETE', `/stress/${id}`)).toMatchObject({
      status: 200,
      body: { state: 'aborted' },
    });
    const run = await over(id);
    expect(run).toMatchObject({ state: 'aborted' });
    expect(run.counts.sent).toBeLessThan(20 * 60);
    // Its lock is free again, and so is the other's to take.
    const next = await until('another may begin', async () => {
      const { status, body } = await replicas[1].request('POST', '/stress', { ratePerSecond: 5, seconds: 1 });
      return status === 202 && (body as StressRun).id;
    });
    expect(await over(next)).toMatchObject({ state: 'done', counts: { sent: 5, answered: 5, lost: 0 } });
    expect(await replicas[0].request('DELETE', `/stress/${next}`)).toMatchObject({
      status: 409,
      body: { code: 'STRESS_OVER' },
    });
  }, 60_000);

  it('is bounded', async () => {
    for (const wrong of [
      {},
      { ratePerSecond: 0, seconds: 1 },
      { ratePerSecond: 501, seconds: 1 },
      { ratePerSecond: 1.5, seconds: 1 },
      { ratePerSecond: 1, seconds: 301 },
    ]) {
      expect(await replicas[0].request('POST', '/stress', wrong)).toMatchObject({ status: 400 });
    }
    for (const method of ['GET', 'DELETE']) {
      expect(await replicas[0].request(method, '/stress/none')).toMatchObject({
        status: 404,
        body: { code: 'STRESS_UNKNOWN' },
      });
    }
  });
});

describe('following the events of a run', () => {
  it('misses none of many, whenever they are stored, and counts none twice', async () => {
    const total = 900;
    const ids = new UnitIds('followed');
    const tally = new StressTally({ total, dueAt: () => performance.now() });
    const others = new UnitIds('another');
    const bus = standIn.get(EventBus);
    const createdOf = (orderId: string): OrderCreated =>
      new OrderCreated({
        orderId,
        userId: orderId,
        lines: [new OrderLine({ sku: 'S', quantity: 1, unitPriceCents: 1 })],
        currency: 'EUR',
        totalCents: 1,
        createdAt: new Date().toISOString(),
      });
    const created = (): number | undefined =>
      tally.report(false).stages.find(({ stage }) => stage === 'created')?.count;
    const unfollow = await new StressFollower(bus).follow({
      ids,
      tally,
      signal: AbortSignal.timeout(60_000),
    });
    const store = async (from: number, until: number): Promise<void> => {
      for (let unit = from; unit < until; unit++) tally.begin(unit);
      const units = Array.from({ length: until - from }, (_, n) => from + n);
      await Promise.all(
        units.flatMap((unit) => [ids, others].map((of) => bus.publish(createdOf(of.of(unit))))),
      );
    };
    for (let unit = 0; unit < 300; unit += 50) await store(unit, unit + 50);
    await until('these are counted', () => Promise.resolve(created() === 300));
    // More than a page, and it stops right after: by a last look.
    await store(300, total);
    await unfollow();
    expect(created()).toBe(total);
  }, 60_000);
});

import { Injectable, Type } from '@nestjs/common';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Every } from './decorators/schedule.decorators.js';
import { Occurrence } from './handling/occurrence.js';
import { Overlap, PolicyOptions } from './planning/schedule.policy.js';
import { closeApps, ReportDue, ScheduleApp, startApp, Stored, storedIn, until } from './schedule.fixture.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(closeApps);
afterAll(() => server.stop());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const firedBy = async ({ connection }: ScheduleApp, report: string): Promise<Stored[]> =>
  storedIn(connection, 'EVENTS_report', `events.report.due.${report}`);
const timesOf = (stored: readonly Stored[]): number[] =>
  stored.map(({ headers }) => Date.parse(headers['Millrace-Scheduled-For'] ?? ''));

describe('after downtime', () => {
  /** Fires, is away for 1.5 s, and fires again; gives what was made up for. */
  const downtime = async (
    name: string,
    policy: PolicyOptions,
  ): Promise<{ missed: number[]; all: number[] }> => {
    const first = await startApp({ url: server.url });
    await first.schedules.every(name, '200ms', ({ missed }) => new ReportDue({ report: name, missed }), {
      misfireGrace: '400ms',
      ...policy,
    });
    await until('it fires', async () => (await firedBy(first, name)).length >= 2);
    await first.close();
    await pause(1500);
    const second = await startApp({ url: server.url });
    const { runs } = await second.schedules.get(name);
    await until('it fires again', async () => (await firedBy(second, name)).length >= runs + 4);
    await second.schedules.remove(name);
    const stored = await firedBy(second, name);
    const missed = stored.filter(({ body }) => body['missed'] === true);
    return { missed: timesOf(missed), all: timesOf(stored) };
  };
  const gapsOf = (times: readonly number[]): number[] =>
    times.slice(1).map((time, at) => time - (times[at] ?? 0));

  it('skips what was missed', async () => {
    const { missed, all } = await downtime('skipping', { misfire: 'skip' });
    expect(missed).toEqual([]);
    expect(Math.max(...gapsOf(all))).toBeGreaterThanOrEqual(1000);
  }, 30_000);

  it('makes up for the last one', async () => {
    const { missed, all } = await downtime('once', { misfire: 'once' });
    expect(missed).toHaveLength(1);
    expect(new Set(all).size).toBe(all.length);
  }, 30_000);

  it('makes up for all of them, in order, each once', async () => {
    const { missed, all } = await downtime('all', { misfire: 'all' });
    expect(missed.length).toBeGreaterThanOrEqual(4);
    expect(new Set(gapsOf(all))).toEqual(new Set([200]));
  }, 30_000);

  it('makes up for so many', async () => {
    const { missed } = await downtime('bounded', { misfire: 'all', misfireBound: 2 });
    expect(missed).toHaveLength(2);
  }, 30_000);
});

describe('an occurrence that comes due while another is being handled', () => {
  interface Span {
    replica: number;
    began: number;
    ended: number;
    scheduledFor: number;
  }
  /** Two replicas whose handler takes longer than the interval. */
  const overlapping = async (
    name: string,
    overlap: Overlap,
  ): Promise<{ spans: Span[]; app: ScheduleApp }> => {
    const spans: Span[] = [];
    const replica = (number: number): Type<unknown> => {
      @Injectable()
      class Slow {
        @Every('200ms', { name, overlap, group: name })
        async handle({ scheduledFor }: Occurrence): Promise<void> {
          const began = performance.now();
          await pause(500);
          const ended = performance.now();
          spans.push({ replica: number, began, ended, scheduledFor: scheduledFor.getTime() });
        }
      }
      return Slow;
    };
    const app = await startApp({ url: server.url, providers: [replica(1)] });
    await startApp({ url: server.url, providers: [replica(2)] });
    await until('six are handled', () => spans.length >= 6, 30_000);
    await app.schedules.pause(name);
    return { spans: [...spans].sort((one, other) => one.began - other.began), app };
  };
  const beside = (spans: readonly Span[]): number =>
    spans.filter(({ began }, at) => at > 0 && began < (spans[at - 1]?.ended ?? 0)).length;

  it('is handled beside it', async () => {
    const { spans } = await overlapping('allowing', 'allow');
    expect(beside(spans)).toBeGreaterThan(0);
  }, 45_000);

  it('is handled after it, and none is left out', async () => {
    const { spans } = await overlapping('queueing', 'queue');
    expect(beside(spans)).toBe(0);
    const times = spans.map(({ scheduledFor }) => scheduledFor);
    expect(times).toEqual(times.map((_, at) => (times[0] ?? 0) + at * 200));
  }, 45_000);

  it('is skipped, which its history tells', async () => {
    const { spans, app } = await overlapping('avoiding', 'skip');
    expect(beside(spans)).toBe(0);
    const times = spans.map(({ scheduledFor }) => scheduledFor);
    expect(times.some((time, at) => at > 0 && time - (times[at - 1] ?? 0) > 200)).toBe(true);
    await until('its history tells', async () => {
      const outcomes = (await app.schedules.history('avoiding')).map(({ outcome }) => outcome);
      return outcomes.includes('skipped') && outcomes.includes('done');
    });
    const done = (await app.schedules.history('avoiding')).find(({ outcome }) => outcome === 'done');
    expect(done?.durationMs).toBeGreaterThanOrEqual(490);
  }, 45_000);
});

describe('a schedule with bounds', () => {
  it('ends after its runs', async () => {
    const app = await startApp({ url: server.url });
    const event = new ReportDue({ report: 'three times' });
    await app.schedules.every('three times', '100ms', event, { maxRuns: 3 });
    await until('it has ended', async () => (await app.schedules.get('three times')).state === 'completed');
    await pause(300);
    expect(await firedBy(app, 'three=20times')).toHaveLength(3);
  });

  it('keeps to its start and its end, and fires within its jitter', async () => {
    const app = await startApp({ url: server.url });
    const start = Math.ceil(Date.now() / 1000) * 1000 + 1000;
    const end = start + 1000;
    await app.schedules.every('bounded by time', '250ms', new ReportDue({ report: 'window' }), {
      start: new Date(start),
      end: new Date(end),
      jitter: '150ms',
    });
    await until(
      'it has ended',
      async () => (await app.schedules.get('bounded by time')).state === 'completed',
    );
    const stored = await firedBy(app, 'window');
    expect(timesOf(stored)).toEqual([0, 250, 500, 750, 1000].map((ms) => start + ms));
  });
});

describe('schedules that the code declares', () => {
  const declaring = (name: string, every: '1h' | '2h'): Type<unknown> => {
    @Injectable()
    class Declaring {
      @Every(every, { name, group: name.replace(' ', '-') })
      handle(): void {}
    }
    return Declaring;
  };
  const start = (providers: Type<unknown>[], version?: string, provision?: 'bind'): Promise<ScheduleApp> =>
    startApp({
      url: server.url,
      providers,
      options: { ...(version ? { version } : {}), ...(provision ? { provision } : {}) },
      nats: { name: 'declaring' },
    });
  const names = async ({ schedules }: ScheduleApp): Promise<string[]> =>
    (await schedules.list({ owner: 'declaring' })).map(({ name }) => name);

  it('are removed at the next start without them, but not in bind mode', async () => {
    const first = await start([declaring('kept', '1h')]);
    await first.schedules.create('dynamic', {
      spec: { every: '1h' },
      event: new ReportDue({ report: 'dynamic' }),
    });
    expect(await names(first)).toEqual(['dynamic', 'kept']);
    await first.close();
    const bound = await start([], undefined, 'bind');
    expect(await names(bound)).toEqual(['dynamic', 'kept']);
    await bound.close();
    expect(await names(await start([]))).toEqual(['dynamic']);
  });

  it('are missing in bind mode where nobody has made them', async () => {
    await expect(start([declaring('never made', '1h')], undefined, 'bind')).rejects.toMatchObject({
      code: 'PROVISION_MISSING',
    });
  });

  it('are those of the later of two deployments, whichever starts last', async () => {
    const timing = async ({ schedules }: ScheduleApp): Promise<unknown> =>
      (await schedules.get('versioned')).timing;
    const older = await start([declaring('versioned', '1h')], '1.9.0');
    expect(await timing(older)).toMatchObject({ everyMs: 3_600_000 });
    const newer = await start([declaring('versioned', '2h')], '1.10.0');
    expect(await timing(newer)).toMatchObject({ everyMs: 7_200_000 });
    await older.close();
    const again = await start([declaring('versioned', '1h')], '1.9.0');
    expect(await timing(again)).toMatchObject({ everyMs: 7_200_000 });
    // Nor does one without it at all remove what the later one has declared.
    const without = await start([], '1.9.0');
    expect(await names(without)).toContain('versioned');
  });
});

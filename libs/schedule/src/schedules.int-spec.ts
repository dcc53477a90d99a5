import { Injectable } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { MillraceError } from '@millrace/core';
import { DeadLetters } from '@millrace/delivery';
import { Event, Subscribe } from '@millrace/events';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Cron, Every, Once } from './decorators/schedule.decorators.js';
import { Occurrence } from './handling/occurrence.js';
import { OccurrenceFields } from './record/event.template.js';
import { closeApps, ReportDue, ScheduleApp, startApp, storedIn, until } from './schedule.fixture.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(closeApps);
afterAll(() => server.stop());

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof MillraceError) return error.code;
    throw error;
  }
  return 'none';
};

const start = (
  providers: Parameters<typeof startApp>[0]['providers'] = [],
  options = {},
): Promise<ScheduleApp> => startApp({ url: server.url, providers, options });

describe('many schedules made at once', () => {
  it('have their event stream made ready once, and not in turn', async () => {
    @Event('together.due')
    class Due {
      @IsInt() n!: number;
    }
    @Injectable()
    class Handler {
      // So its stream is there already, and has to be changed.
      @Subscribe(Due, { group: 'together' })
      handle(): void {}
    }
    const { schedules, connection } = await start([Handler]);
    const leases = async (): Promise<number> => {
      const info = await connection.jsm.streams.info('MILLRACE_PROVISIONING').catch(() => undefined);
      return info?.state.last_seq ?? 0;
    };
    const at = new Date(Date.now() + 3_600_000);
    const before = await leases();
    const make = (n: number) => {
      const event = (): Due => Object.assign(new Due(), { n });
      return schedules.put(`together ${n}`, { spec: { at }, event });
    };
    await Promise.all(Array.from({ length: 64 }, (_, n) => make(n)));
    expect((await leases()) - before).toBe(1);
  });
});

describe('declared schedules', () => {
  it('call their method once per occurrence, in one of the replicas', async () => {
    const handled: Occurrence[] = [];
    @Injectable()
    class Ticks {
      @Every('200ms', { name: 'ticks' })
      tick(occurrence: Occurrence): void {
        handled.push(occurrence);
      }
    }
    await Promise.all([start([Ticks]), start([Ticks]), start([Ticks])]);
    await until('ten are handled', () => handled.length >= 10);
    const times = handled.map(({ scheduledFor }) => scheduledFor.getTime());
    expect(new Set(times).size).toBe(times.length);
    const sorted = [...times].sort((a, b) => a - b);
    for (const [at, time] of sorted.entries()) {
      expect(time % 200).toBe(0);
      if (at > 0) expect(time - (sorted[at - 1] ?? 0)).toBe(200);
    }
    const [first] = handled;
    expect(first).toMatchObject({ schedule: 'ticks', missed: false, manual: false, attempt: 1 });
    expect(first?.id).toBe(`ticks@${first?.scheduledFor.toISOString()}`);
    expect(first?.firedAt.getTime()).toBeGreaterThanOrEqual(first?.scheduledFor.getTime() ?? Infinity);
  });

  it('publish an event with its fields filled in, which ordinary subscribers handle', async () => {
    const events: ReportDue[] = [];
    @Injectable()
    class Reports {
      @Cron('* * * * * *', { name: 'daily report', emit: ReportDue })
      due({ scheduledFor, run }: OccurrenceFields): ReportDue {
        return new ReportDue({ report: 'daily', scheduledFor, run });
      }

      @Subscribe(ReportDue)
      handle(event: ReportDue): void {
        events.push(event);
      }
    }
    const { connection } = await start([Reports]);
    await until('two are handled', () => events.length >= 2);
    expect(events[0]).toMatchObject({ report: 'daily', run: 1 });
    expect(events[1]).toMatchObject({ report: 'daily', run: 2 });
    const [stored] = await storedIn(connection, 'EVENTS_report', 'events.report.due.daily');
    expect(stored).toMatchObject({ id: `daily%20report@${events[0]?.scheduledFor}` });
  });

  it('fire once at an instant', async () => {
    const handled: Occurrence[] = [];
    @Injectable()
    class Soon {
      @Once(new Date(Date.now() + 1500), { name: 'soon' })
      soon(occurrence: Occurrence): void {
        handled.push(occurrence);
      }
    }
    const app = await start([Soon]);
    await until('it is handled', () => handled.length > 0);
    expect(await app.schedules.get('soon')).toMatchObject({ state: 'completed', runs: 1, next: undefined });
    await app.close();
    // The instant has passed, but the schedule was made before: a restart is no error.
    const again = await start([Soon]);
    expect(await again.schedules.get('soon')).toMatchObject({ state: 'completed', runs: 1 });
    expect(handled).toHaveLength(1);
  });

  it('retry, and are replayed from the dead letters without moving the schedule', async () => {
    const attempts: number[] = [];
    @Injectable()
    class Failing {
      @Every('1h', { name: 'failing', retry: { attempts: 2, backoff: () => 10 } })
      fail({ attempt }: Occurrence): void {
        attempts.push(attempt);
        if (attempts.length < 3) throw new Error('not yet');
      }
    }
    const { schedules, connection } = await start([Failing]);
    const id = await schedules.trigger('failing');
    await until('it is dead-lettered', async () => {
      const [past] = await schedules.history('failing');
      return past?.outcome === 'dead-lettered';
    });
    expect(attempts).toEqual([1, 2]);
    const letters = new DeadLetters(connection);
    for await (const letter of letters.list()) await letters.replay(letter.id);
    await until('the replay is handled', () => attempts.length === 3);
    await until(
      'its outcome is told',
      async () => (await schedules.history('failing'))[0]?.outcome === 'done',
    );
    expect(await schedules.history('failing')).toMatchObject([{ id, manual: true, outcome: 'done' }]);
    expect(await schedules.get('failing')).toMatchObject({ runs: 0, last: undefined });
  });
});

describe('schedules at run time', () => {
  it('are made, held back, resumed, triggered, changed and removed', async () => {
    const { schedules, connection } = await start();
    const stored = () => storedIn(connection, 'EVENTS_report', 'events.report.due.dynamic');
    const event = new ReportDue({ report: 'dynamic' });
    await schedules.create('dynamic', { spec: { every: '100ms' }, event });
    expect(await codeOf(schedules.create('dynamic', { spec: '0 9 * * *', event }))).toBe('SCHEDULE_EXISTS');
    await until('it fires', async () => (await stored()).length >= 2);
    expect(await schedules.pause('dynamic')).toMatchObject({ state: 'paused', next: undefined });
    // What was under way when it was paused is done once a trigger comes after it.
    const id = await schedules.trigger('dynamic');
    await until('the trigger is stored', async () => (await stored()).some((one) => one.id === id));
    const before = (await stored()).length;
    await schedules.update('dynamic', { spec: { every: '150ms' } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stored()).toHaveLength(before);
    expect(await schedules.resume('dynamic')).toMatchObject({
      state: 'active',
      timing: { kind: 'every', everyMs: 150 },
    });
    await until('it goes on', async () => (await stored()).length >= before + 2);
    const resumed = (await stored())
      .slice(before)
      .map(({ headers }) => Date.parse(headers['Millrace-Scheduled-For'] ?? ''));
    for (const at of resumed) expect(at % 150).toBe(0);
    expect(await schedules.list()).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'dynamic', owner: 'test', declared: false })]),
    );
    await schedules.remove('dynamic');
    expect(await codeOf(schedules.get('dynamic'))).toBe('SCHEDULE_UNKNOWN');
    expect(await codeOf(schedules.trigger('dynamic'))).toBe('SCHEDULE_UNKNOWN');
    const ids = (await stored()).map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuse what can never fire', async () => {
    const { schedules } = await start();
    const event = new ReportDue({ report: 'never' });
    const refused = (definition: object): Promise<string> =>
      codeOf(schedules.create('never', { spec: '0 9 * * *', event, ...definition }));
    expect(await refused({ spec: '0 0 31 2 *' })).toBe('SCHEDULE_INVALID');
    expect(await refused({ timeZone: 'Mars/Olympus' })).toBe('SCHEDULE_INVALID');
    expect(await refused({ spec: { at: new Date(Date.now() - 1000) } })).toBe('SCHEDULE_INVALID');
    expect(await refused({ end: new Date(Date.now() - 1000) })).toBe('SCHEDULE_INVALID');
    expect(await refused({ spec: { every: '10ms' } })).toBe('SCHEDULE_INVALID');
    expect(await refused({ event: new ReportDue({ report: 3 as unknown as string }) })).toBe('EVENT_INVALID');
    expect(await codeOf(schedules.get('never'))).toBe('SCHEDULE_UNKNOWN');
  });
});

describe('a schedule of an event that the application has not said schedules publish', () => {
  it('is refused, and with what is said its context is ready as the application starts', async () => {
    const stated = await start([], { publishes: [ReportDue] });
    const { config } = await stated.connection.jsm.streams.info('EVENTS_report');
    expect(config.sources?.map(({ name }) => name)).toContain('MILLRACE_OCCURRENCES');
    await stated.schedules.create('stated', { spec: { every: '1h' }, event: new ReportDue({ report: 'x' }) });
    const silent = await start([], { publishes: [] });
    const work = silent.schedules.create('unstated', {
      spec: { every: '1h' },
      event: new ReportDue({ report: 'x' }),
    });
    expect(await codeOf(work)).toBe('EVENT_UNDECLARED');
  });
});

import { parseTiming, ScheduleSpec } from '../timing/timing.parser.js';
import { nextNominal, Plan, plan, Plannable, Progress } from './planner.js';
import { PolicyOptions, resolvePolicy } from './schedule.policy.js';

const T0 = Date.UTC(2026, 0, 1);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NONE: Progress = { last: undefined, runs: 0 };

const schedule = (options: PolicyOptions = {}, spec: ScheduleSpec = { every: '1m' }): Plannable => {
  const timing = parseTiming(spec);
  return { name: 'test', timing, policy: resolvePolicy(options, timing), from: T0 };
};
const minutes = ({ due }: Plan): string[] =>
  due.map(({ scheduledFor, missed }) => `${(scheduledFor - T0) / MINUTE}${missed ? ' missed' : ''}`);

describe('a plan', () => {
  it('wakes for the first occurrence after the schedule was made', () => {
    expect(plan(schedule(), NONE, T0 + 10)).toEqual({ due: [], wakeAt: T0 + MINUTE });
  });

  it('fires what is due, and wakes for the next', () => {
    const found = plan(schedule(), { last: T0 + MINUTE, runs: 1 }, T0 + 2 * MINUTE + 5);
    expect(minutes(found)).toEqual(['2']);
    expect(found.wakeAt).toBe(T0 + 3 * MINUTE);
  });

  it('takes what is late within the grace for on time', () => {
    const options = { misfireGrace: '3m', misfire: 'skip' } as const;
    expect(minutes(plan(schedule(options), NONE, T0 + 3 * MINUTE))).toEqual(['1', '2', '3']);
  });

  it.each<[string, PolicyOptions, string[]]>([
    ['skip', { misfire: 'skip' }, ['60']],
    ['once', { misfire: 'once' }, ['59 missed', '60']],
    ['all', { misfire: 'all' }, [...Array.from({ length: 59 }, (_, at) => `${at + 1} missed`), '60']],
    ['all, bounded', { misfire: 'all', misfireBound: 2 }, ['58 missed', '59 missed', '60']],
  ])('makes up for an hour of downtime: %s', (_, options, expected) => {
    const found = plan(schedule(options), NONE, T0 + 60 * MINUTE + SECOND);
    expect(minutes(found)).toEqual(expected);
    expect(found.wakeAt).toBe(T0 + 61 * MINUTE);
  });

  it.each<[string, ScheduleSpec]>([
    ['an interval', { every: '1s' }],
    ['cron', '* * * * * *'],
  ])('does not go through all that was missed: a year of seconds of %s', (_, spec) => {
    const found = plan(schedule({}, spec), NONE, T0 + 365 * 24 * 60 * MINUTE);
    expect(found.due).toHaveLength(32);
    expect(found.due.filter(({ missed }) => missed)).toHaveLength(1);
  });

  it('makes up for an instant that was missed, unless it is to be skipped', () => {
    const spec = { at: new Date(T0 + MINUTE) };
    const late = T0 + 60 * MINUTE;
    expect(plan(schedule({}, spec), NONE, late)).toEqual({
      due: [{ scheduledFor: T0 + MINUTE, missed: true }],
      wakeAt: undefined,
    });
    expect(plan(schedule({ misfire: 'skip' }, spec), NONE, late)).toEqual({ due: [], wakeAt: undefined });
  });

  it('ends after its runs', () => {
    const twice = schedule({ maxRuns: 2, misfire: 'all' });
    expect(minutes(plan(twice, NONE, T0 + 10 * MINUTE))).toEqual(['1 missed', '2 missed']);
    expect(plan(twice, { last: T0 + 2 * MINUTE, runs: 2 }, T0 + 10 * MINUTE)).toEqual({
      due: [],
      wakeAt: undefined,
    });
    expect(nextNominal(twice, { last: T0 + 2 * MINUTE, runs: 2 }, T0)).toBeUndefined();
  });

  it('keeps to its start and its end, both included', () => {
    const options = {
      start: new Date(T0 + 3 * MINUTE),
      end: new Date(T0 + 5 * MINUTE),
      misfire: 'all',
    } as const;
    expect(plan(schedule(options), NONE, T0)).toEqual({ due: [], wakeAt: T0 + 3 * MINUTE });
    const found = plan(schedule(options), NONE, T0 + 60 * MINUTE);
    expect(minutes(found)).toEqual(['3 missed', '4 missed', '5 missed']);
    expect(found.wakeAt).toBeUndefined();
  });

  it('fires within its jitter, the same for everybody, and in order', () => {
    const jittered = schedule({ jitter: '30s' });
    const wakes = Array.from({ length: 50 }, (_, at) => {
      const progress = { last: T0 + at * MINUTE, runs: at };
      const { wakeAt = 0 } = plan(jittered, progress, T0 + at * MINUTE + 1);
      expect(plan(jittered, progress, T0 + at * MINUTE + 2).wakeAt).toBe(wakeAt);
      return wakeAt - (T0 + (at + 1) * MINUTE);
    });
    for (const wake of wakes) {
      expect(wake).toBeGreaterThanOrEqual(0);
      expect(wake).toBeLessThan(30 * SECOND);
    }
    expect(new Set(wakes).size).toBeGreaterThan(40);
    const [first = 0] = wakes;
    expect(minutes(plan(jittered, NONE, T0 + MINUTE + first))).toEqual(['1']);
  });

  it('begins anew where it is told to: what came before is not its own', () => {
    expect(
      minutes(plan({ ...schedule({ misfire: 'all' }), from: T0 + 9 * MINUTE }, NONE, T0 + 10 * MINUTE)),
    ).toEqual(['10']);
  });
});

describe('a policy', () => {
  it.each<[string, object]>([
    ['an unknown misfire', { misfire: 'some' }],
    ['no runs at all', { maxRuns: 0 }],
    ['a bound of nothing', { misfireBound: 0 }],
    ['an end before its start', { start: new Date(2), end: new Date(1) }],
    ['a start that is no date', { start: 'tomorrow' }],
    ['a jitter as long as its interval', { jitter: '1m' }],
  ])('is refused with %s', (_, options) => {
    expect(() => schedule(options)).toThrow(expect.objectContaining({ code: 'SCHEDULE_INVALID' }) as Error);
  });
});

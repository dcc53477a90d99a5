import { nextOccurrences } from './next.occurrences.js';
import { parseTiming, ScheduleSpec } from './timing.parser.js';
import { lastBefore, nextAfter } from './timing.search.js';

const after = new Date('2026-01-01T00:00:00Z');
const times = (spec: ScheduleSpec, count: number, timeZone?: string): string[] =>
  nextOccurrences(spec, { count, after, ...(timeZone === undefined ? {} : { timeZone }) }).map((date) =>
    date.toISOString(),
  );

describe('cron expressions', () => {
  it.each([
    ['five fields', '30 9 * * MON-FRI', ['2026-01-01T09:30:00.000Z', '2026-01-02T09:30:00.000Z']],
    ['six fields', '15 30 9 * * *', ['2026-01-01T09:30:15.000Z', '2026-01-02T09:30:15.000Z']],
    ['the last day of a month', '0 0 L * *', ['2026-01-31T00:00:00.000Z', '2026-02-28T00:00:00.000Z']],
    ['the weekday nearest to a day', '0 0 15W * *', ['2026-01-15T00:00:00.000Z', '2026-02-16T00:00:00.000Z']],
    ['the second Friday', '0 0 * * FRI#2', ['2026-01-09T00:00:00.000Z', '2026-02-13T00:00:00.000Z']],
    ['the last Friday', '0 0 * * FRIL', ['2026-01-30T00:00:00.000Z', '2026-02-27T00:00:00.000Z']],
    [
      'either of two days',
      '0 0 13 * FRI',
      ['2026-01-02T00:00:00.000Z', '2026-01-09T00:00:00.000Z', '2026-01-13T00:00:00.000Z'],
    ],
    ['a nickname', '@daily', ['2026-01-02T00:00:00.000Z']],
    ['a leap day', '0 0 29 2 *', ['2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z']],
  ])('know %s', (_, expression, expected) => {
    expect(times(expression, expected.length)).toEqual(expected);
  });

  it('mean the time of their zone', () => {
    expect(times('0 9 * * *', 1, 'Asia/Kolkata')).toEqual(['2026-01-01T03:30:00.000Z']);
  });
});

describe('intervals', () => {
  it('come at whole multiples since the epoch', () => {
    expect(times({ every: '15m' }, 2)).toEqual(['2026-01-01T00:15:00.000Z', '2026-01-01T00:30:00.000Z']);
  });
});

describe('the last times before another', () => {
  it.each<[string, ScheduleSpec]>([
    ['cron', '*/7 * * * *'],
    ['an interval', { every: '90s' }],
    ['an instant', { at: '2026-01-01T10:00:00Z' }],
  ])('of %s are those that a search forward finds', (_, spec) => {
    const timing = parseTiming(spec);
    const end = Date.parse('2026-01-01T11:00:00Z');
    const forward: number[] = [];
    for (
      let at = nextAfter(timing, after.getTime());
      at !== undefined && at < end;
      at = nextAfter(timing, at)
    ) {
      forward.push(at);
    }
    const count = Math.min(5, forward.length);
    expect(lastBefore(timing, end, count)).toEqual(forward.slice(-count));
    // What comes at the very moment is not before it.
    expect(lastBefore(timing, forward.at(-1) ?? 0, 1)).toEqual(forward.slice(-2, -1));
  });
});

const invalid = expect.objectContaining({ code: 'SCHEDULE_INVALID' }) as Error;

describe('what is refused', () => {
  it.each<[string, ScheduleSpec]>([
    ['31 February', '0 0 31 2 *'],
    ['30 February of six fields', '0 0 0 30 FEB *'],
    ['a field too few', '* * * *'],
    ['a year', '0 0 0 1 1 * 2030'],
    ['a date for an expression', '2030-01-01T00:00:00'],
    ['minute 61', '61 * * * *'],
    ['an interval of nothing', { every: 0 }],
    ['an interval under 50 ms', { every: '49ms' }],
    ['half a millisecond', { every: 100.5 }],
    ['an instant that is none', { at: new Date(Number.NaN) }],
    ['an instant on 31 February', { at: '2030-02-31T00:00:00Z' }],
    ['an instant without an offset', { at: '2030-01-01T00:00:00' }],
  ])('%s', (_, spec) => {
    expect(() => parseTiming(spec)).toThrow(invalid);
  });

  it('a zone that is none', () => {
    expect(() => parseTiming('0 0 * * *', 'Mars/Olympus')).toThrow(invalid);
  });
});

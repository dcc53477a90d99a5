import { Duration, toMillis, toNanos, toServerSeconds } from './duration.js';
import { thrownBy } from '../thrown.fixture.js';

describe('toMillis', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1, 1],
    [1.5, 1.5],
    ['0ms', 0],
    ['500ms', 500],
    ['5s', 5000],
    ['1.5m', 90_000],
    ['1m', 60_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0.25s', 250],
  ])('reads %p as %p ms', (duration, ms) => {
    expect(toMillis(duration)).toBe(ms);
  });

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    {},
    [],
    10n,
    Symbol('s'),

    '',
    '5',
    's',
    ' 5s',
    '5s ',
    '5 s',
    '-5s',
    '+5s',
    '5S',
    '5sec',
    '1m30s',
    '.5s',
    '5.s',
    '1e3ms',
    '0x5s',
    '5w',
    'NaNms',
    'Infinitys',
    '5s\n',
    `${'9'.repeat(400)}s`,
  ])('refuses %p', (bad) => {
    const error = thrownBy(() => toMillis(bad as Duration, 'retry.backoff'));
    expect(error).toMatchObject({ code: 'DURATION_INVALID', details: { what: 'retry.backoff' } });
    expect(String(error)).toContain("'500ms'");
    expect(() => JSON.stringify(error)).not.toThrow();
  });

  it('refuses what has no JSON form, and says what it was', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(() => toMillis(circular as unknown as Duration)).toThrow(
      /duration: .*Circular.* is not a duration/s,
    );
    expect(() => toMillis(Number.NaN)).toThrow(/NaN is not a duration/);
  });
});

it('writes nanoseconds as whole numbers', () => {
  expect([toNanos(1), toNanos(0.0000004), toNanos(toMillis('1.1s'))]).toEqual([1_000_000, 0, 1_100_000_000]);
  expect(JSON.stringify(toNanos(toMillis('3650d')))).toBe('315360000000000000');
});

it('rounds seconds for the server up, to one at least', () => {
  expect([0, 1, 1000, 1001, 60_000].map(toServerSeconds)).toEqual(['1s', '1s', '1s', '2s', '60s']);
});

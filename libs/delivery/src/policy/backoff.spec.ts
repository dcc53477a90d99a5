import { codeOf } from '../message.fixture.js';
import { constant, exponential, linear } from './backoff.js';
import { retryPolicy } from './retry.policy.js';

const first = (backoff: (n: number) => number, count = 6): number[] =>
  Array.from({ length: count }, (_, i) => backoff(i + 1));

describe('back-off', () => {
  it('is the same every time', () => expect(first(constant('2s'), 3)).toEqual([2000, 2000, 2000]));

  it('grows by the first, up to the last', () =>
    expect(first(linear('1s', '3500ms'))).toEqual([1000, 2000, 3000, 3500, 3500, 3500]));

  it('doubles, up to the last', () =>
    expect(first(exponential('500ms', '5s'))).toEqual([500, 1000, 2000, 4000, 5000, 5000]));

  it('stays at the last however many attempts there were', () => {
    expect(exponential('1ms', '1m')(5000)).toBe(60_000);
    expect(exponential('0ms', '1m')(60)).toBe(0);
  });

  it.each([constant, linear, exponential])('refuses what is no duration', (make) =>
    expect(codeOf(() => make('soon' as '1s', '1m'))).toBe('DURATION_INVALID'),
  );
});

describe('a retry policy', () => {
  it('is five attempts, from half a second to half a minute, unless said otherwise', () => {
    const { attempts, backoff } = retryPolicy();
    expect(attempts).toBe(5);
    expect([backoff(1), backoff(2), backoff(10)]).toEqual([500, 1000, 30_000]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %p attempts', (attempts) =>
    expect(codeOf(() => retryPolicy({ attempts }))).toBe('CONFIG_INVALID'),
  );
});

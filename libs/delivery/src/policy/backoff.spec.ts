import { codeOf } from '../message.fixture.js';
import { constant, exponential, linear } from './backoff.js';

const first = (backoff: (n: number) => number, count = 6): number[] =>
  Array.from({ length: count }, (_, i) => backoff(i + 1));

describe('back-off', () => {
  it('is the same every time', () => expect(first(constant('2s'), 3)).toEqual([2000, 2000, 2000]));

  it('grows by the first, up to the last', () =>
    expect(first(linear('1s', '3500ms'))).toEqual([1000, 2000, 3000, 3500, 3500, 3500]));

  it('doubles, up to the last', () =>
    expect(first(exponential('500ms', '5s', { jitter: 'none' }))).toEqual([
      500, 1000, 2000, 4000, 5000, 5000,
    ]));

  it('stays at the last however many attempts there were', () => {
    expect(exponential('1ms', '1m', { jitter: 'none' })(5000)).toBe(60_000);
    expect(exponential('0ms', '1m')(60)).toBe(0);
  });

  it('is a random part of the doubled wait, unless told otherwise', () => {
    const draws = [0, 0.25, 0.5, 0.999, 0.999];
    const backoff = exponential('500ms', '5s', { random: () => draws.shift() ?? 1 });
    expect(first(backoff, 5)).toEqual([0, 250, 1000, 3996, 4995]);
  });

  it('spreads what failed together over the whole wait', () => {
    const waits = Array.from({ length: 2000 }, () => exponential('1s', '1m')(4));
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(8000);
    }
    const tenths = Array.from(
      { length: 10 },
      (_, i) => waits.filter((ms) => Math.floor(ms / 800) === i).length,
    );
    // 200 expected in each: 100 would be seven standard deviations away.
    expect(Math.min(...tenths)).toBeGreaterThan(100);
  });

  it.each([constant, linear, exponential])('refuses what is no duration', (make) =>
    expect(codeOf(() => make('soon' as '1s', '1m'))).toBe('DURATION_INVALID'),
  );
});

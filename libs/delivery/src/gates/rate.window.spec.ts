import { codeOf } from '../message.fixture.js';
import { RateLimitOptions, ratePolicy } from '../policy/rate.policy.js';
import { decodeWindow, encodeWindow, grant, RateWindow } from './rate.window.js';
import { ServerTime } from './server.clock.js';

const POLICY = ratePolicy({ count: 10, per: '1s' });

const at = (ms: number): ServerTime => ({ earliest: ms, latest: ms });

/** Numbers from 0 to 1 that are the same in every run. */
const seeded = (seed: number) => (): number => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return seed / 2 ** 32;
};

describe('a rate window', () => {
  it('grants what is left, and says when there is more', () => {
    const first = grant([], POLICY, { now: at(5000), wanted: 7, leewayMs: 20 });
    expect(first).toMatchObject({ kind: 'granted', count: 7 });
    const window = first.kind === 'granted' ? first.window : [];
    const second = grant(window, POLICY, { now: at(5100), wanted: 7, leewayMs: 20 });
    expect(second).toMatchObject({ kind: 'granted', count: 3 });
    const full = second.kind === 'granted' ? second.window : [];
    expect(grant(full, POLICY, { now: at(5200), wanted: 1, leewayMs: 20 })).toEqual({
      kind: 'exhausted',
      retryAt: 6020,
    });
    expect(grant(full, POLICY, { now: at(6020), wanted: 20, leewayMs: 20 })).toMatchObject({ count: 7 });
  });

  it.each([1, 2, 3, 4, 5])('never grants more than the count within the time (%d)', (seed) => {
    const random = seeded(seed);
    const used: number[] = [];
    let window: RateWindow = [];
    let now = 1000;
    for (let i = 0; i < 2000; i++) {
      now += random() ** 3 * 400;
      // Nobody knows the time exactly; a grant is used at any time up to its leeway.
      const given = grant(window, POLICY, {
        now: { earliest: now - random() * 20, latest: now + random() * 20 },
        wanted: Math.ceil(random() * 6),
        leewayMs: 30,
      });
      if (given.kind === 'exhausted') continue;
      window = decodeWindow(encodeWindow(given.window));
      for (let n = 0; n < given.count; n++) used.push(now + random() * 30);
    }
    used.sort((a, b) => a - b);
    const tooMany = used.filter((at, i) => (used[i + POLICY.count] ?? Infinity) - at < POLICY.perMs);
    expect(tooMany).toEqual([]);
    // And not far fewer: the demand was above the rate all the time.
    const rate = used.length / ((now - 1000) / 1000);
    expect(rate).toBeGreaterThan(8);
  });

  it('stays small, however often it is asked', () => {
    let window: RateWindow = [];
    const many = ratePolicy({ count: 1_000_000, per: '1m' });
    for (let now = 0; now < 200_000; now += 5) {
      const given = grant(window, many, { now: at(now), wanted: 1, leewayMs: 20 });
      if (given.kind === 'granted') ({ window } = given);
    }
    expect(window.length).toBeLessThanOrEqual(34);
  });

  it.each(['', 'null', '[[1,2]]', '[{"from":1}]', '[[1,2,"3"]]'])('is empty where %p was stored', (body) =>
    expect(decodeWindow(new TextEncoder().encode(body))).toEqual([]),
  );
});

describe('a rate limit', () => {
  it.each<RateLimitOptions>([
    { count: 0, per: '1s' },
    { count: 1.5, per: '1s' },
    { count: 1, per: '999ms' },
  ])('refuses %p', (options) => expect(codeOf(() => ratePolicy(options))).toBe('CONFIG_INVALID'));
});

import { silentLog } from '@millrace/core';
import { FakeClock } from '../clock.fixture.js';
import { RateLimiter } from './rate.limiter.js';
import { Reservation } from './rate.ledger.js';

describe('RateLimiter', () => {
  let clock: FakeClock;
  let asked: number[];
  let answers: (Reservation | Error)[];
  let told: number;
  let limiter: RateLimiter;
  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    answers = [];
    told = 0;
    limiter = new RateLimiter({
      policy: { count: 1000, perMs: 1000 },
      ledger: {
        reserve: (wanted) => {
          asked.push(wanted);
          const answer = answers.shift();
          return answer instanceof Error || !answer
            ? Promise.reject(answer ?? new Error())
            : Promise.resolve(answer);
        },
      },
      group: 'g',
      clock,
      log: silentLog,
    });
    limiter.watch(() => told++);
    clock.advance(1000);
  });
  const granted = (count: number): Reservation => ({ kind: 'granted', count, until: clock.monotonic() + 20 });
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };

  it('lets begin what was granted, and asks for no more than is wanted', async () => {
    answers = [granted(4)];
    expect(limiter.admit(4, 100)).toBe(0);
    expect(limiter.admit(4, 100)).toBe(0);
    await settled();
    expect([asked, told]).toEqual([[4], 1]);
    expect([limiter.admit(4, 100), asked]).toEqual([4, [4]]);
  });

  it('asks for more at once while all of it is used up at once', async () => {
    answers = [granted(4), granted(8), granted(16)];
    limiter.admit(4, 100);
    await settled();
    expect(limiter.admit(5, 100)).toBe(4);
    await settled();
    expect(limiter.admit(9, 100)).toBe(8);
    await settled();
    expect(asked).toEqual([4, 8, 16]);
  });

  it('forgets what was not used in time', async () => {
    answers = [granted(4), granted(4)];
    limiter.admit(4, 100);
    await settled();
    clock.advance(21);
    expect(limiter.admit(4, 100)).toBe(0);
    expect(asked).toEqual([4, 4]);
  });

  it('waits as long as it is told, without asking', async () => {
    answers = [{ kind: 'exhausted', waitMs: 400 }];
    limiter.admit(2, 100);
    await settled();
    for (let i = 0; i < 10; i++) limiter.admit(2, 100);
    clock.advance(399);
    expect([asked, told]).toEqual([[2], 0]);
    clock.advance(1);
    expect(told).toBe(1);
  });

  it('tries again where nobody answers, and leaves no timer behind', async () => {
    answers = [new Error('away')];
    limiter.admit(2, 100);
    await settled();
    clock.advance(1000);
    expect(told).toBe(1);
    answers = [new Error('away')];
    limiter.admit(2, 100);
    await settled();
    limiter.stop();
    expect(clock.pending).toBe(0);
  });
});

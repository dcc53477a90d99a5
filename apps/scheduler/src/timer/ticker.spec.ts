import { type Clock } from '@millrace/core';
import { type Occurrence, Ticker } from './ticker.js';

/** Time that moves when told to. */
class ManualClock implements Clock {
  private readonly due = new Map<number, { at: number; task: () => void }>();
  private nextId = 0;
  /** How much too early timers fire, as those of Node sometimes do. */
  earlyMs = 0;

  constructor(private time: number) {}

  now = (): number => this.time;
  monotonic = (): number => this.time;
  after = (ms: number, task: () => void): { cancel: () => void } => {
    const id = this.nextId++;
    this.due.set(id, { at: this.time + ms - this.earlyMs, task });
    return { cancel: () => this.due.delete(id) };
  };
  every = (): never => {
    throw new Error('not used');
  };

  get timers(): number {
    return this.due.size;
  }

  /** Moves on to `time`, firing what comes due on the way. */
  to(time: number): void {
    for (;;) {
      const [next] = [...this.due.entries()].sort(([, a], [, b]) => a.at - b.at);
      if (!next || next[1].at > time) break;
      this.due.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].task();
    }
    this.time = time;
  }

  /** Moves on without firing, as when the process was busy. */
  jump(time: number): void {
    this.time = time;
  }
}

const ticking = (
  startAt: number,
  intervalMs = 1000,
): { clock: ManualClock; ticker: Ticker; fired: Occurrence[] } => {
  const fired: Occurrence[] = [];
  const clock = new ManualClock(startAt);
  return { clock, fired, ticker: new Ticker(clock, intervalMs, (occurrence) => fired.push(occurrence)) };
};

describe('Ticker', () => {
  it('fires at whole multiples of the interval, whenever it was started', () => {
    for (const startAt of [10_000, 10_001, 10_999]) {
      const { clock, ticker, fired } = ticking(startAt);
      ticker.start();
      clock.to(13_500);
      expect(fired).toEqual([
        { tick: 11, scheduledFor: 11_000 },
        { tick: 12, scheduledFor: 12_000 },
        { tick: 13, scheduledFor: 13_000 },
      ]);
      expect(ticker.next).toEqual({ tick: 14, scheduledFor: 14_000 });
    }
  });

  it('fires once for a time, even where the timer is a moment early', () => {
    const { clock, ticker, fired } = ticking(500);
    clock.earlyMs = 2;
    ticker.start();
    clock.to(3500);
    expect(fired.map(({ tick }) => tick)).toEqual([1, 2, 3]);
  });

  it('skips what came due while the process was busy', () => {
    const { clock, ticker, fired } = ticking(500);
    ticker.start();
    clock.jump(4200);
    clock.to(5000);
    expect(fired.map(({ tick }) => tick)).toEqual([1, 5]);
  });

  it('is silent while stopped, and goes on with what comes next', () => {
    const { clock, ticker, fired } = ticking(500);
    ticker.start();
    clock.to(1500);
    ticker.stop();
    expect(ticker.next).toBeUndefined();
    expect(clock.timers).toBe(0);
    clock.to(5500);
    ticker.start();
    clock.to(6500);
    expect(fired.map(({ tick }) => tick)).toEqual([1, 6]);
  });

  it('has one timer, however often it is started', () => {
    const { clock, ticker } = ticking(500);
    ticker.start();
    ticker.start();
    expect(clock.timers).toBe(1);
  });
});

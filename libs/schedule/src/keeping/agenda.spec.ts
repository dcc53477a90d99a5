import { Clock } from '@millrace/core';
import { Agenda } from './agenda.js';

/** A clock whose one timer is fired by hand, as early as a test likes. */
class HandClock implements Clock {
  time = 0;
  timers = new Map<number, { at: number; task: () => void }>();
  private nextId = 0;

  now = (): number => this.time;
  monotonic = (): number => this.time;
  after = (ms: number, task: () => void): { cancel: () => void } => {
    const id = this.nextId++;
    this.timers.set(id, { at: this.time + ms, task });
    return { cancel: () => this.timers.delete(id) };
  };
  every = (): never => {
    throw new Error('not used');
  };

  to(time: number, earlyMs = 0): void {
    for (;;) {
      const [next] = [...this.timers].sort(([, a], [, b]) => a.at - b.at);
      if (!next || next[1].at > time) break;
      this.timers.delete(next[0]);
      this.time = Math.max(this.time, next[1].at - earlyMs);
      next[1].task();
      if (earlyMs > 0) this.time = Math.max(this.time, next[1].at);
    }
    this.time = time;
  }
}

const agenda = (): { clock: HandClock; agenda: Agenda; due: string[] } => {
  const clock = new HandClock();
  const due: string[] = [];
  return { clock, due, agenda: new Agenda(clock, (name) => due.push(`${name} ${clock.time}`)) };
};

describe('an agenda', () => {
  it('calls a thousand names in the order of their times, over one timer', () => {
    const clock = new HandClock();
    const called: number[] = [];
    const wanted = Array.from({ length: 1000 }, (_, at) => (at * 7919) % 1000);
    const thousand = new Agenda(clock, (name) => called.push(Number(name)));
    for (const at of wanted) thousand.set(String(at), at);
    expect(clock.timers.size).toBe(1);
    clock.to(1000);
    expect(called).toEqual([...wanted].sort((a, b) => a - b));
    expect(thousand.size).toBe(0);
  });

  it('calls a name at the time that was set last, and only then', () => {
    const { clock, agenda: one, due } = agenda();
    one.set('a', 100);
    one.set('a', 200);
    one.set('b', 300);
    one.set('b', 50);
    clock.to(1000);
    expect(due).toEqual(['b 50', 'a 200']);
  });

  it('does not call what was taken off', () => {
    const { clock, agenda: one, due } = agenda();
    one.set('a', 100);
    one.delete('a');
    one.set('b', 200);
    one.clear();
    clock.to(1000);
    expect(due).toEqual([]);
    expect(clock.timers.size).toBe(0);
  });

  it('calls nothing early, even where the timer is', () => {
    const { clock, agenda: one, due } = agenda();
    one.set('a', 100);
    clock.to(1000, 2);
    expect(due).toEqual(['a 100']);
  });
});

import { Clock, TimerHandle } from '@millrace/core';

interface Timer {
  at: number;
  everyMs: number | undefined;
  task: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, task: () => void): TimerHandle {
    return this.add({ at: this.time + ms, everyMs: undefined, task });
  }

  every(ms: number, task: () => void): TimerHandle {
    return this.add({ at: this.time + ms, everyMs: ms, task });
  }

  /** Timers that would still fire. */
  get pending(): number {
    return this.timers.size;
  }

  /** Lets `ms` pass, and fires what is due, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      if (next.everyMs === undefined) this.timers.delete(next);
      else next.at += next.everyMs;
      next.task();
    }
    this.time = end;
  }

  /** Lets `ms` pass as where the process stands still: each timer fires once, at the end. */
  stall(ms: number): void {
    this.time += ms;
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      if (timer.everyMs === undefined) this.timers.delete(timer);
      else timer.at = this.time + timer.everyMs;
      timer.task();
    }
  }

  private add(timer: Timer): TimerHandle {
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }
}

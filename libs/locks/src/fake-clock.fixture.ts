import { Clock, TimerHandle } from '@millrace/core';

interface Task {
  at: number;
  run: () => void;
}

/** Time that moves only when told to. */
export class FakeClock implements Clock {
  private elapsed = 0;
  private readonly tasks = new Set<Task>();

  now(): number {
    return Date.UTC(2026, 0, 2) + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(ms: number, run: () => void): TimerHandle {
    const task = { at: this.elapsed + ms, run };
    this.tasks.add(task);
    return { cancel: () => void this.tasks.delete(task) };
  }

  every(): TimerHandle {
    throw new Error('not used');
  }

  get timers(): number {
    return this.tasks.size;
  }

  /** Time passes without any timer being served: the process is frozen. */
  freeze(ms: number): void {
    this.elapsed += ms;
  }

  /** Time passes; promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    for (;;) {
      const due = [...this.tasks].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.elapsed = Math.max(this.elapsed, due.at);
      this.tasks.delete(due);
      due.run();
      await settled();
    }
    this.elapsed = end;
    await settled();
  }
}

export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

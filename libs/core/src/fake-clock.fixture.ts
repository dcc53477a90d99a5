import { Clock, TimerHandle } from './clock/clock.js';

interface Task {
  at: number;
  everyMs: number | undefined;
  run: () => void;
}

/** Time that moves only when told to. */
export class FakeClock implements Clock {
  private elapsed = 0;
  private readonly tasks = new Set<Task>();

  constructor(private readonly epoch = Date.UTC(2026, 0, 2, 3, 4, 5, 678)) {}

  now(): number {
    return this.epoch + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(ms: number, run: () => void): TimerHandle {
    return this.add({ at: this.elapsed + ms, everyMs: undefined, run });
  }

  every(ms: number, run: () => void): TimerHandle {
    return this.add({ at: this.elapsed + ms, everyMs: ms, run });
  }

  advance(ms: number): void {
    const end = this.elapsed + ms;
    for (;;) {
      const due = [...this.tasks].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.elapsed = due.at;
      if (due.everyMs === undefined) this.tasks.delete(due);
      else due.at += due.everyMs;
      due.run();
    }
    this.elapsed = end;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.tasks.size;
  }

  private add(task: Task): TimerHandle {
    this.tasks.add(task);
    return { cancel: () => void this.tasks.delete(task) };
  }
}

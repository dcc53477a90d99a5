import { Clock, TimerHandle } from '@millrace/core';

interface Waiter {
  readonly revision: number;
  readonly done: (reached: boolean) => void;
}

/** Who waits for which revision. */
export class RevisionWaiters {
  private readonly waiting = new Set<Waiter>();
  private newest = 0;

  constructor(private readonly clock: Clock) {}

  get reached(): number {
    return this.newest;
  }

  /** Whether the revision was reached in time. */
  wait(revision: number, timeoutMs: number): Promise<boolean> {
    if (revision <= this.newest) return Promise.resolve(true);
    return new Promise((resolve) => {
      let timer: TimerHandle | undefined;
      const waiter: Waiter = {
        revision,
        done: (reached) => {
          timer?.cancel();
          this.waiting.delete(waiter);
          resolve(reached);
        },
      };
      this.waiting.add(waiter);
      timer = this.clock.after(timeoutMs, () => waiter.done(false));
    });
  }

  /** A stream that was made anew counts from 1 again. */
  reach(revision: number): void {
    this.newest = revision;
    for (const waiter of this.waiting) if (waiter.revision <= revision) waiter.done(true);
  }

  giveUp(): void {
    for (const waiter of this.waiting) waiter.done(false);
  }
}

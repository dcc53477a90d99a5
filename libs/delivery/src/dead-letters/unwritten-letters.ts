import { Clock, TimerHandle } from '@millrace/core';

/** How often to try again. */
const RETRY_MS = 5000;
/** How many to keep at the most: they hold memory, and leases on the server. */
const LIMIT = 256;

/**
 * Dead letters that could not be stored, each with its cause. They are kept, since only this process knows
 * the cause: the next delivery would find the attempts used up and nothing else.
 */
export class UnwrittenLetters<T> {
  private readonly causes = new Map<T, Error>();
  private timer: TimerHandle | undefined;

  constructor(
    private readonly clock: Clock,
    /** Whether it is stored now. */
    private readonly write: (item: T, cause: Error) => Promise<boolean>,
    private readonly onWritten: (item: T) => void,
  ) {}

  get size(): number {
    return this.causes.size;
  }

  has(item: T): boolean {
    return this.causes.has(item);
  }

  /** False where there is no room. */
  keep(item: T, cause: Error): boolean {
    if (this.causes.size >= LIMIT) return false;
    this.causes.set(item, cause);
    this.schedule();
    return true;
  }

  /** Gives up, and gives back what is left. */
  stop(): T[] {
    this.timer?.cancel();
    const left = [...this.causes.keys()];
    this.causes.clear();
    return left;
  }

  private schedule(): void {
    this.timer ??= this.clock.after(RETRY_MS, () => void this.retry());
  }

  private async retry(): Promise<void> {
    for (const [item, cause] of this.causes) {
      // One at a time: while the first fails, so would the others.
      if (!(await this.write(item, cause))) break;
      if (this.causes.delete(item)) this.onWritten(item);
    }
    this.timer = undefined;
    if (this.causes.size > 0) this.schedule();
  }
}

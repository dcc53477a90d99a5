/**
 * Does together what comes up in one turn of the event loop. The client writes to its socket once for what is
 * published in one go, and a write for each answer costs more than everything else about it.
 */
export class Turn {
  private tasks: (() => void)[] = [];

  /** @param task must not throw. */
  add(task: () => void): void {
    this.tasks.push(task);
    if (this.tasks.length === 1) setImmediate(() => this.end());
  }

  /** Does what has come up, without waiting for the turn to end. */
  end(): void {
    const { tasks } = this;
    this.tasks = [];
    for (const task of tasks) task();
  }
}

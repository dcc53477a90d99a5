import { indexOf } from './workload.js';

/**
 * For those whose publisher is not told that an event is stored. So that nothing is lost and so many are in flight,
 * an event counts as published when it has been handled.
 */
export class Arrivals {
  private readonly waiting = new Map<number, () => void>();

  /** Resolves when the `n`th event has been handled. */
  of(n: number): Promise<void> {
    return new Promise((resolve) => this.waiting.set(n, resolve));
  }

  handled(event: unknown): void {
    const n = indexOf(event);
    this.waiting.get(n)?.();
    this.waiting.delete(n);
  }
}

import { Fifo } from '../consuming/fifo.js';
import { Gate } from '../gates/gate.js';

interface Waiting {
  message: object;
  begin: () => void;
}

/** How many handlers may run at once, over all partitions of a replica, and whether any may. */
export class HandlerSlots {
  private readonly waiting = new Fifo<Waiting>();

  /** @param gate belongs to whoever gives it. */
  constructor(
    private free: number,
    private readonly gate?: Gate,
  ) {
    gate?.watch(() => this.proceed());
  }

  /** `undefined` where there was one at once. */
  acquire(message: object): Promise<void> | undefined {
    if (this.waiting.size === 0 && this.take(message)) return undefined;
    return new Promise((begin) => this.waiting.push({ message, begin }));
  }

  release(message: object): void {
    this.free++;
    this.gate?.ended?.(message);
    this.proceed();
  }

  private proceed(): void {
    for (let first = this.waiting.peek(); first && this.take(first.message); first = this.waiting.peek()) {
      this.waiting.take();
      first.begin();
    }
  }

  private take(message: object): boolean {
    if (this.free === 0 || this.gate?.admit(1, Math.max(1, this.waiting.size)) === 0) return false;
    this.free--;
    this.gate?.begun?.(message);
    return true;
  }
}

import { Gate, OPEN_GATE } from '../gates/gate.js';
import { Fifo } from './fifo.js';

/** What waits for a handler: `delivery` is what gates are told of. */
export interface InLine {
  readonly delivery: object;
}

export interface WaitingLineOptions<I extends InLine> {
  /** How many handlers may run at once. */
  concurrency: number;
  /** Says how many may begin, beside `concurrency`. Belongs to whoever gives it. */
  gate: Gate | undefined;
  /** Begins to handle an item. Whoever does calls {@link WaitingLine.ended} when it is done, which may be at once. */
  begin: (item: I) => void;
}

/** The messages that wait for a handler, first come, first served, and how many handlers run. */
export class WaitingLine<I extends InLine> {
  private readonly waiting = new Fifo<I>();
  private readonly gate: Gate;
  private running = 0;
  private beginning = false;

  constructor(private readonly options: WaitingLineOptions<I>) {
    this.gate = options.gate ?? OPEN_GATE;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** How many may wait here. */
  get limit(): number {
    return this.gate.waitingLimit;
  }

  push(item: I): void {
    this.waiting.push(item);
    this.proceed();
  }

  /** Takes out the first, without handling it. */
  take(): I | undefined {
    return this.waiting.take();
  }

  /** Begins what may begin now. */
  proceed(): void {
    // What is handled at once comes back here: a loop, for a long line would overflow the stack.
    if (this.beginning) return;
    this.beginning = true;
    while (this.beginSome());
    this.beginning = false;
  }

  /** The handler of this item is done. */
  ended(item: I): void {
    this.running--;
    this.gate.ended?.(item.delivery);
    this.proceed();
  }

  /** Calls `listener` whenever the gate lets more through than before. Returns how to stop. */
  watch(listener: () => void): () => void {
    return this.gate.watch(listener);
  }

  /** False where nothing may begin. */
  private beginSome(): boolean {
    const wanted = Math.min(this.waiting.size, this.options.concurrency - this.running);
    if (wanted <= 0) return false;
    const admitted = this.gate.admit(wanted, this.waiting.size);
    for (let left = admitted; left > 0; left--) {
      const item = this.waiting.take();
      if (item) this.begin(item);
    }
    return admitted > 0;
  }

  private begin(item: I): void {
    this.running++;
    this.gate.begun?.(item.delivery);
    this.options.begin(item);
  }
}

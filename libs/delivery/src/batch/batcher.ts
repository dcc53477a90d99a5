import { Clock, TimerHandle } from '@millrace/core';
import { withoutCurrentMessage } from '../message/current-message.js';
import { Delivery } from '../message/delivery.js';
import { handlerTimedOut, withinTime } from '../middleware/time-limit.js';
import { Outcome } from '../outcome/outcome.js';
import { Batch, BatchHandler } from './batch.js';
import { BatchItem } from './batch.item.js';

export interface BatcherOptions<M extends Delivery> {
  /** How many messages a batch has at the most. */
  max: number;
  /** How long the first message of a batch waits for others. */
  withinMs: number;
  /** How many batches may be handled at once. */
  concurrency: number;
  /** How often a message is tried altogether. */
  attempts: number;
  /** How long a handler may take. */
  timeoutMs: number | undefined;
  clock: Clock;
  handler: BatchHandler<M>;
}

/**
 * Collects messages that are handled one by one, to everything around it, into batches: each message keeps its
 * own lease, attempts and outcome.
 */
export class Batcher<M extends Delivery> {
  private waiting: BatchItem<M>[] = [];
  private timer: TimerHandle | undefined;
  /** What waits has waited long enough. */
  private due = false;
  private running = 0;

  constructor(private readonly options: BatcherOptions<M>) {}

  /** Settles a message as its batch does. */
  readonly handle = (message: M): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const { attempts } = this.options;
      this.waiting.push(new BatchItem({ message, attempts, resolve, reject }));
      this.wait();
      this.runDue();
    });

  private wait(): void {
    this.timer ??= this.options.clock.after(this.options.withinMs, () => {
      this.due = true;
      this.runDue();
    });
  }

  private runDue(): void {
    const { max, concurrency } = this.options;
    while (
      this.running < concurrency &&
      (this.waiting.length >= max || (this.due && this.waiting.length > 0))
    ) {
      void this.run(this.take());
    }
  }

  private take(): BatchItem<M>[] {
    const items = this.waiting.splice(0, this.options.max);
    this.due = false;
    this.timer?.cancel();
    this.timer = undefined;
    if (this.waiting.length > 0) this.wait();
    return items;
  }

  private async run(items: readonly BatchItem<M>[]): Promise<void> {
    this.running++;
    // A shutdown has handed these back while they waited.
    const live = items.filter(({ message }) => !message.isAborted);
    try {
      if (live.length > 0) await this.call(new Batch(live));
      for (const item of items) item.end();
    } catch (error) {
      for (const item of items) item.end({ error });
    }
    this.running--;
    this.runDue();
  }

  private async call(batch: Batch<M>): Promise<void> {
    const { timeoutMs, clock, handler } = this.options;
    // Called in the middle of some message's handling, and for all of them.
    const work = async (): Promise<unknown> => withoutCurrentMessage(() => handler(batch));
    if (timeoutMs === undefined) return void (await work());
    await withinTime(work, { timeoutMs, clock }, () => {
      const error = handlerTimedOut(timeoutMs, { messages: batch.items.length });
      for (const { message, settled } of batch.items) if (!settled) message.abort(error);
      return error;
    });
  }
}

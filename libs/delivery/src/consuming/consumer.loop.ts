import { Msg } from '@nats-io/transport-node';
import {
  assertNever,
  errorMessage,
  ErrorCode,
  MillraceConnection,
  MillraceError,
  settlesWithin,
  toError,
} from '@millrace/core';
import { DeadLetterWriter } from '../dead-letters/dead-letter.writer.js';
import { Delivery } from '../message/delivery.js';
import { withCurrentMessage } from '../message/current-message.js';
import { Handler } from '../middleware/middleware.js';
import { outcomeOfFailure } from '../middleware/retry.middleware.js';
import { Outcome } from '../outcome/outcome.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { ConsumerSource } from './consumer.source.js';
import { Fifo } from './fifo.js';
import { CreateMessage, InHand } from './in-hand.js';
import { LeaseKeeper } from './lease-keeper.js';
import { PrefetchGauge } from './prefetch.js';
import { acknowledge, handBack } from './settlement.js';

export interface ConsumerLoopOptions<M extends Delivery> {
  connection: MillraceConnection;
  stream: string;
  consumer: () => string;
  restore: () => Promise<void>;
  /** How many handlers may run at once. */
  concurrency: number;
  ackWaitMs: number;
  create: CreateMessage<M>;
  handler: Handler<M>;
  /** For what a middleware around the handler throws. */
  policy: RetryPolicy;
  deadLetters: DeadLetterWriter<M>;
}

/** When the dead letters cannot be written: the message stays, and is tried again after this. */
const DEAD_LETTER_RETRY_MS = 5000;

/** Pulls, runs handlers and settles, for one consumer. */
export class ConsumerLoop<M extends Delivery> {
  private readonly source: ConsumerSource;
  private readonly waiting = new Fifo<InHand<M>>();
  private readonly held: LeaseKeeper<InHand<M>>;
  private readonly gauge: PrefetchGauge;
  private running = 0;
  private stopping = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: ConsumerLoopOptions<M>) {
    const { connection, concurrency, ackWaitMs } = options;
    this.held = new LeaseKeeper(ackWaitMs, connection.clock);
    this.gauge = new PrefetchGauge(concurrency + Math.ceil(concurrency / 2), connection.clock);
    this.source = new ConsumerSource({
      connection,
      stream: options.stream,
      consumer: options.consumer,
      restore: options.restore,
      onMessage: (message) => this.accept(message),
      onDemand: () => this.refill(),
    });
  }

  start(): void {
    this.source.open();
  }

  /** Messages waiting or being handled here. */
  get inHand(): number {
    return this.held.size;
  }

  /**
   * Takes no more work. What waits here is still handled during the first half of `timeoutMs`, then handed
   * back; what runs has until the end, is then aborted and handed back at once.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.stopping = true;
    await settlesWithin(this.source.drain(), timeoutMs / 2);
    if (!(await this.idleWithin(timeoutMs / 2))) {
      for (let item = this.waiting.take(); item; item = this.waiting.take()) this.giveBack(item);
      if (!(await this.idleWithin(timeoutMs / 2))) this.abortRunning();
    }
    this.source.close();
    this.held.stop();
  }

  private accept(message: Msg): void {
    if (this.stopping) return handBack(message, 0);
    const item = new InHand(message, this.options.create, this.options.connection.clock);
    this.held.add(item);
    if (this.running < this.options.concurrency) this.run(item);
    else this.waiting.push(item);
  }

  private run(item: InHand<M>): void {
    this.running++;
    void withCurrentMessage(item.delivery, () => this.options.handler(item.delivery))
      .catch((error: unknown) => outcomeOfFailure(error, item.delivery.attempt, this.options.policy))
      .then((outcome) => this.settle(item, outcome))
      .then(() => this.onDone(item));
  }

  private onDone(item: InHand<M>): void {
    this.running--;
    this.held.delete(item);
    this.gauge.onSettled();
    const next = this.waiting.take();
    if (next) this.run(next);
    else if (this.held.size === 0) this.onIdle?.();
    if (!this.stopping) this.refill();
  }

  private settle(item: InHand<M>, outcome: Outcome): void | Promise<void> {
    if (item.settled) return;
    switch (outcome.kind) {
      case 'ack':
        item.settled = true;
        return acknowledge(item.message);
      case 'retry':
        item.settled = true;
        return handBack(item.message, outcome.delayMs);
      case 'dead-letter':
        return this.deadLetter(item, outcome.cause);
      default:
        return assertNever(outcome);
    }
  }

  // The dead letter is stored before the message is acknowledged: a crash in between makes a duplicate that
  // the server recognises, never a loss.
  private async deadLetter(item: InHand<M>, cause: Error): Promise<void> {
    try {
      await this.options.deadLetters.write(item.delivery, cause);
      acknowledge(item.message);
    } catch (error) {
      this.options.connection.log.error(
        `${item.delivery.group}: the dead letter of ${item.delivery.subject} could not be stored: ${errorMessage(error)}`,
      );
      handBack(item.message, DEAD_LETTER_RETRY_MS);
    }
    item.settled = true;
  }

  private refill(): void {
    if (this.stopping) return;
    const room = this.gauge.size - this.held.size - this.source.owed;
    if (room >= Math.max(1, this.gauge.size / 2)) this.source.request(room);
  }

  private giveBack(item: InHand<M>): void {
    if (!item.settled) handBack(item.message, 0);
    item.settled = true;
    this.held.delete(item);
  }

  private abortRunning(): void {
    const reason = new MillraceError(ErrorCode.HandlerTimeout, 'The application is shutting down', {
      remedy: 'Let the handler stop when message.signal aborts, or raise shutdownTimeout',
    });
    for (const item of this.held) {
      item.delivery.abort(toError(reason));
      this.giveBack(item);
    }
  }

  private idleWithin(timeoutMs: number): Promise<boolean> {
    if (this.held.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.options.connection.clock.after(timeoutMs, () => resolve(false));
      this.onIdle = () => {
        timer.cancel();
        resolve(true);
      };
    });
  }
}

import { Msg } from '@nats-io/transport-node';
import {
  assertNever,
  errorMessage,
  ErrorCode,
  MillraceConnection,
  MillraceError,
  settlesWithin,
} from '@millrace/core';
import { DeadLetterWriter } from '../dead-letters/dead-letter.writer.js';
import { UnwrittenLetters } from '../dead-letters/unwritten-letters.js';
import { parseDeliveryToken } from '../message/delivery-token.js';
import { Delivery } from '../message/delivery.js';
import { withCurrentMessage } from '../message/current-message.js';
import { Handler } from '../middleware/middleware.js';
import { outcomeOfFailure } from '../middleware/retry.middleware.js';
import { Outcome } from '../outcome/outcome.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { Answers } from './answers.js';
import { ConsumerSource } from './consumer.source.js';
import { Fifo } from './fifo.js';
import { CreateMessage, InHand } from './in-hand.js';
import { LeaseKeeper } from './lease-keeper.js';
import { PrefetchGauge } from './prefetch.js';
import { onReconnect } from './reconnect.js';
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

/** After this, a message that could not even be dead-lettered is delivered again. */
const UNSETTLED_RETRY_MS = 5000;

/** Pulls, runs handlers and settles, for one consumer. */
export class ConsumerLoop<M extends Delivery> {
  private readonly source: ConsumerSource;
  private readonly waiting = new Fifo<InHand<M>>();
  private readonly held: LeaseKeeper<InHand<M>>;
  private readonly bySequence = new Map<number, InHand<M>>();
  private readonly gauge: PrefetchGauge;
  private readonly answers: Answers;
  private readonly unwritten: UnwrittenLetters<InHand<M>>;
  private unwatch: (() => void) | undefined;
  private running = 0;
  private stopping = false;
  private handingBack = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: ConsumerLoopOptions<M>) {
    const { connection, concurrency, ackWaitMs } = options;
    const { clock, health } = connection;
    this.held = new LeaseKeeper(ackWaitMs, clock);
    this.gauge = new PrefetchGauge(concurrency, clock);
    this.answers = new Answers(() => health.current.state === 'connected');
    this.unwritten = new UnwrittenLetters(
      clock,
      (item, cause) => this.writeDeadLetter(item, cause),
      (item) => this.release(item),
    );
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
    // Before the source asks for more: what is answered here is not delivered again.
    this.unwatch ??= onReconnect(this.options.connection, () => {
      this.answers.flush();
      this.held.extendAll();
    });
    this.source.open();
  }

  /** Messages waiting or being handled here. */
  get inHand(): number {
    return this.held.size;
  }

  /**
   * Takes no more work. What waits here is still handled during the first half of `timeoutMs`, then handed
   * back, unless its next delivery would be one too many: the server counts each, handled or not. That, and
   * what runs, has until the end, is then aborted and handed back at once.
   */
  async stop(timeoutMs: number): Promise<void> {
    const { clock } = this.options.connection;
    const end = clock.monotonic() + timeoutMs;
    this.stopping = true;
    for (const item of this.unwritten.stop()) this.giveBack(item);
    await settlesWithin(this.source.drain(), timeoutMs / 2);
    if (!(await this.idleWithin(end - timeoutMs / 2 - clock.monotonic()))) {
      this.handingBack = true;
      const { attempts } = this.options.policy;
      this.handBackWaiting(({ delivery }) => delivery.attempt < attempts);
      if (!(await this.idleWithin(end - clock.monotonic()))) {
        this.handBackWaiting(() => true);
        this.abortRunning();
      }
    }
    this.handingBack = true;
    this.source.close();
    this.held.stop();
    this.unwatch?.();
  }

  // Called from the client's reading of the connection, which an exception would end for good.
  private accept(message: Msg): void {
    try {
      this.take(message);
    } catch (error) {
      const { connection, stream } = this.options;
      connection.log.error(`${stream}: '${message.subject}' is not a delivery: ${errorMessage(error)}`);
    }
  }

  private take(message: Msg): void {
    if (this.handingBack) return handBack(message, 0);
    const token = parseDeliveryToken(message.reply ?? '');
    if (this.bySequence.get(token.sequence)?.adopt(message, token)) return;
    const item = new InHand(message, this.options.create, this.options.connection.clock);
    this.held.add(item);
    this.bySequence.set(token.sequence, item);
    if (this.running < this.options.concurrency) this.run(item);
    else this.waiting.push(item);
  }

  private run(item: InHand<M>): void {
    this.running++;
    void this.handle(item).then(() => this.onDone(item));
  }

  /** Runs the handler and settles. Never fails: whatever does go wrong settles the message too. */
  private async handle(item: InHand<M>): Promise<void> {
    const { handler, policy } = this.options;
    try {
      const outcome = await withCurrentMessage(item.delivery, () => handler(item.delivery));
      const settling = this.settle(item, outcome);
      if (settling) await settling;
    } catch (error) {
      await this.settleFailure(item, error, policy);
    }
  }

  private async settleFailure(item: InHand<M>, failure: unknown, policy: RetryPolicy): Promise<void> {
    try {
      await this.settle(item, outcomeOfFailure(failure, item.delivery.attempt, policy));
    } catch (error) {
      this.options.connection.log.error(
        `${item.delivery.group}: no outcome for ${item.delivery.subject}: ${errorMessage(error)}`,
      );
      this.answer(item, (message) => handBack(message, UNSETTLED_RETRY_MS));
    }
  }

  private onDone(item: InHand<M>): void {
    this.running--;
    this.gauge.onSettled();
    if (!this.unwritten.has(item)) this.release(item);
    const next = this.waiting.take();
    if (next) this.run(next);
    if (this.held.size === 0) this.onIdle?.();
    this.refill();
  }

  private release(item: InHand<M>): void {
    this.held.delete(item);
    const { sequence } = item.delivery;
    if (this.bySequence.get(sequence) === item) this.bySequence.delete(sequence);
  }

  private settle(item: InHand<M>, outcome: Outcome): void | Promise<void> {
    if (item.settled) return;
    switch (outcome.kind) {
      case 'ack':
        return this.answer(item, acknowledge);
      case 'retry':
        return this.answer(item, (message) => handBack(message, outcome.delayMs));
      case 'dead-letter':
        return this.deadLetter(item, outcome.cause);
      default:
        return assertNever(outcome);
    }
  }

  private answer(item: InHand<M>, send: (message: Msg) => void): void {
    if (item.settled) return;
    item.settled = true;
    this.answers.give(() => send(item.message));
  }

  private async deadLetter(item: InHand<M>, cause: Error): Promise<void> {
    // While others wait to be stored, this one would only keep its handler's place for as long as a try takes.
    if (this.unwritten.size === 0 && (await this.writeDeadLetter(item, cause))) return;
    if (!this.stopping && this.unwritten.keep(item, cause)) return;
    this.answer(item, (message) => handBack(message, UNSETTLED_RETRY_MS));
  }

  // The dead letter is stored before the message is acknowledged: a crash in between makes a duplicate that
  // the server recognises, never a loss.
  private async writeDeadLetter(item: InHand<M>, cause: Error): Promise<boolean> {
    try {
      await this.options.deadLetters.write(item.delivery, cause);
    } catch (error) {
      this.options.connection.log.error(
        `${item.delivery.group}: the dead letter of ${item.delivery.subject} could not be stored: ${errorMessage(error)}`,
      );
      return false;
    }
    // Also where the shutdown has handed the message back meanwhile: there is nothing left to handle.
    item.settled = true;
    this.answers.give(() => acknowledge(item.message));
    return true;
  }

  private refill(): void {
    if (this.stopping) return;
    // A message that only waits for its dead letter to be stored takes no handler's place.
    const busy = this.held.size - this.unwritten.size;
    const room = this.gauge.size - busy - this.source.owed;
    if (room >= this.gauge.worthwhile) this.source.request(room);
  }

  private handBackWaiting(which: (item: InHand<M>) => boolean): void {
    for (let left = this.waiting.size; left > 0; left--) {
      const item = this.waiting.take();
      if (!item) return;
      if (which(item)) this.giveBack(item);
      else this.waiting.push(item);
    }
  }

  private giveBack(item: InHand<M>): void {
    this.answer(item, (message) => handBack(message, 0));
    this.release(item);
  }

  private abortRunning(): void {
    const reason = new MillraceError(ErrorCode.HandlerTimeout, 'The application is shutting down', {
      remedy: 'Let the handler stop when message.signal aborts, or raise shutdownTimeout',
    });
    for (const item of this.held) {
      item.delivery.abort(reason);
      this.giveBack(item);
    }
  }

  private idleWithin(timeoutMs: number): Promise<boolean> {
    if (this.held.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.options.connection.clock.after(Math.max(0, timeoutMs), () => resolve(false));
      this.onIdle = () => {
        timer.cancel();
        resolve(true);
      };
    });
  }
}

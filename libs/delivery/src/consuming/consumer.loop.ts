import { Msg } from '@nats-io/transport-node';
import {
  errorMessage,
  ErrorCode,
  isPending,
  MillraceConnection,
  MillraceError,
  settlesWithin,
} from '@millrace/core';
import { DeadLetterWriter } from '../dead-letters/dead-letter.writer.js';
import { deliveryTokenOf } from '../message/delivery-token.js';
import { Delivery } from '../message/delivery.js';
import { handleAsCurrent } from '../message/current-message.js';
import { Gate } from '../gates/gate.js';
import { HandBacks } from '../hand-backs/hand-backs.js';
import { Handler } from '../middleware/middleware.js';
import { ACK } from '../outcome/outcome.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { ConsumerSource } from './consumer.source.js';
import { CreateMessage, InHand } from './in-hand.js';
import { LeaseKeeper } from './lease-keeper.js';
import { PrefetchGauge } from './prefetch.js';
import { onReconnect } from './reconnect.js';
import { Settler } from './settler.js';
import { WaitingLine } from './waiting.line.js';

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
  /** Remembers what goes back unhandled on its last attempt. Without it, that attempt is used up. */
  handBacks?: HandBacks | undefined;
  /** Says how many handlers may begin, beside `concurrency`. Belongs to whoever gives it. */
  gate?: Gate | undefined;
  /** Messages that the handler only passes over: no gate is asked for them. */
  passesOver?: (message: M) => boolean;
  /** Whether answers still count: a consumer may pass to another owner. Default: always. */
  mayAnswer?: () => boolean;
  /** A message is not held here any more; `returned` where it will be delivered again. */
  onReleased?: (delivery: M, returned: boolean) => void;
}

/** Pulls, runs handlers and settles, for one consumer. */
export class ConsumerLoop<M extends Delivery> {
  private readonly source: ConsumerSource;
  private readonly line: WaitingLine<InHand<M>>;
  private readonly held: LeaseKeeper<InHand<M>>;
  private readonly bySequence = new Map<number, InHand<M>>();
  private readonly gauge: PrefetchGauge;
  private readonly settler: Settler<M>;
  private readonly unwatch: (() => void)[] = [];
  private refilling = false;
  private stopping = false;
  private handingBack = false;
  private abandoned = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: ConsumerLoopOptions<M>) {
    const { connection, concurrency, ackWaitMs } = options;
    const { clock } = connection;
    this.held = new LeaseKeeper(ackWaitMs, clock);
    this.gauge = new PrefetchGauge(concurrency, clock);
    this.line = new WaitingLine({ concurrency, gate: options.gate, begin: (item) => this.run(item) });
    this.settler = new Settler({ ...options, onSettledLate: (item) => this.release(item) });
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
    if (this.unwatch.length === 0) {
      this.unwatch.push(
        onReconnect(this.options.connection, () => {
          this.settler.flush();
          this.held.extendAll();
        }),
        this.line.watch(() => this.proceed()),
      );
    }
    this.source.open();
  }

  /** Messages waiting or being handled here. */
  get inHand(): number {
    return this.held.size;
  }

  /**
   * Takes no more work. What waits here is still handled during the first half of `timeoutMs`, then handed
   * back. What runs has until the end, is then aborted and handed back at once.
   */
  async stop(timeoutMs: number): Promise<void> {
    const { clock } = this.options.connection;
    const end = clock.monotonic() + timeoutMs;
    this.stopping = true;
    for (const item of this.settler.stop()) this.giveBack(item);
    await settlesWithin(this.source.drain(), timeoutMs / 2);
    // Behind a closed gate nothing will be handled in the time.
    if (this.line.limit === 0) this.handBackWaiting();
    if (!(await this.idleWithin(end - timeoutMs / 2 - clock.monotonic()))) {
      this.handBackWaiting();
      if (!(await this.idleWithin(end - clock.monotonic()))) this.abortRunning();
    }
    this.handingBack = true;
    // Whoever awaits this may close the connection in the same turn.
    this.settler.flush();
    this.source.close();
    this.held.stop();
    for (const unwatch of this.unwatch) unwatch();
  }

  /** Ends at once and answers nothing: what was held here belongs to another owner. */
  abandon(reason: Error): void {
    this.stopping = true;
    this.abandoned = true;
    this.source.close();
    this.held.stop();
    for (const unwatch of this.unwatch) unwatch();
    this.settler.stop();
    for (const { delivery } of this.held) delivery.abort(reason);
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
    if (this.abandoned) return;
    const token = deliveryTokenOf(message);
    if (this.bySequence.get(token.sequence)?.adopt(message, token)) return;
    const item = new InHand(message, this.options.create, this.options.connection.clock);
    if (this.passesOver(item.delivery)) {
      void this.settler.settle(item, ACK);
      return this.refill();
    }
    this.held.add(item);
    this.bySequence.set(item.sequence, item);
    if (this.handingBack) return this.giveBackUnhandled(item);
    this.line.push(item);
  }

  private passesOver(delivery: M): boolean {
    if (!this.options.gate) return false;
    try {
      return this.options.passesOver?.(delivery) ?? false;
    } catch {
      // What cannot even be looked at is for the handler to fail on.
      return false;
    }
  }

  private proceed(): void {
    this.line.proceed();
    this.refill();
  }

  private run(item: InHand<M>): void {
    const handling = this.handle(item);
    if (handling) return void handling.then(() => this.onDone(item));
    this.settler.flushSoon();
    this.onDone(item);
  }

  /**
   * Runs the handler and settles, at once where nothing has to be waited for. Never fails: whatever does go wrong
   * settles the message too.
   */
  private handle(item: InHand<M>): void | PromiseLike<void> {
    try {
      const outcome = handleAsCurrent(item.delivery, this.options.handler);
      const settling = isPending(outcome)
        ? outcome.then((known) => this.settler.settle(item, known))
        : this.settler.settle(item, outcome);
      return settling?.then(undefined, (error: unknown) => this.settler.settleFailure(item, error));
    } catch (error) {
      return this.settler.settleFailure(item, error);
    }
  }

  private onDone(item: InHand<M>): void {
    this.gauge.onSettled();
    if (!this.settler.isUnwritten(item)) this.release(item);
    this.line.ended(item);
    if (this.held.size === 0) this.onIdle?.();
    this.refillSoon();
  }

  // Messages of one batch are done one right after the other: one request makes up for all of them.
  private refillSoon(): void {
    if (this.refilling) return;
    this.refilling = true;
    queueMicrotask(() => {
      this.refilling = false;
      this.refill();
    });
  }

  private release(item: InHand<M>): void {
    this.held.delete(item);
    if (this.bySequence.get(item.sequence) === item) this.bySequence.delete(item.sequence);
    this.options.onReleased?.(item.delivery, item.returned);
  }

  private refill(): void {
    if (this.stopping) return;
    // A message that only waits for its dead letter to be stored takes no handler's place.
    const busy = this.held.size - this.settler.unwrittenCount;
    const { size: waiting, limit: waitingLimit } = this.line;
    const wanted = this.gauge.wanted({ busy, waiting, waitingLimit, owed: this.source.owed });
    if (wanted > 0) this.source.request(wanted);
  }

  private handBackWaiting(): void {
    this.handingBack = true;
    for (let item = this.line.take(); item; item = this.line.take()) this.giveBackUnhandled(item);
  }

  private giveBackUnhandled(item: InHand<M>): void {
    const { policy, handBacks } = this.options;
    if (!handBacks || item.delivery.attempt < policy.attempts) return this.giveBack(item);
    // Noted first: the next replica may have it the moment after.
    void handBacks.note(item.delivery).then(() => this.giveBack(item));
  }

  private giveBack(item: InHand<M>): void {
    this.settler.handBack(item, 0);
    this.release(item);
    if (this.held.size === 0) this.onIdle?.();
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

import { Msg, Subscription } from '@nats-io/transport-node';
import {
  errorMessage,
  isPending,
  MillraceConnection,
  settlesWithin,
  TimerHandle,
  toError,
  whenReady,
} from '@millrace/core';
import { AnswerStore } from '../answers/answer.store.js';
import { CommandContract } from '../contracts/command.decorator.js';
import { CommandInvoker, isAsyncIterable } from '../handling/command.invoker.js';
import { ResolvedHandlerOptions } from '../handler.options.js';
import { Answer } from '../wire/answer.js';
import { cancelled, overloaded, streams } from '../wire/command.errors.js';
import { parseControl } from '../wire/control.message.js';
import { HttpExceptions, toWireError, WireError } from '../wire/wire.error.js';
import { encodeError } from '../wire/wire.codec.js';
import { EndpointStats } from './endpoint.stats.js';
import { RequestContext } from './request.context.js';
import { Responder, shuttingDown } from './responder.js';
import { StreamSender } from './stream.sender.js';

export interface EndpointParts {
  connection: MillraceConnection;
  invoker: CommandInvoker;
  options: ResolvedHandlerOptions;
  responder: Responder;
  answers: AnswerStore;
  http: HttpExceptions;
}

/** The set of replicas that shares every command, whichever application they belong to. */
export const QUEUE_GROUP = 'millrace';

const TICK_MS = 50;

type Produced = Answer | undefined | PromiseLike<Answer | undefined>;

/** One command in this replica: takes requests, bounded, and answers them. */
export class CommandEndpoint {
  readonly stats = new EndpointStats();
  private readonly inHand = new Map<RequestContext, StreamSender | undefined>();
  private readonly waiting: RequestContext[] = [];
  private subscriptions: Subscription[] = [];
  private ticking: TimerHandle | undefined;
  private running = 0;
  private beginning = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly own: EndpointParts) {}

  get contract(): CommandContract {
    return this.own.invoker.contract;
  }

  get type(): string {
    return this.own.invoker.contract.type;
  }

  get subjects(): { one: string; all: string } {
    return this.own.invoker.contract.subjects;
  }

  start(): void {
    const { nc, clock } = this.own.connection;
    const { one, everyReplica } = this.own.invoker.contract.subjects;
    this.subscriptions = [
      nc.subscribe(one, { queue: QUEUE_GROUP, callback: (error, message) => this.receive(error, message) }),
      nc.subscribe(everyReplica, { callback: (error, message) => this.receive(error, message) }),
    ];
    this.ticking = clock.every(TICK_MS, () => this.tick());
  }

  /** Takes no more requests; what is in hand has until the end, is then aborted. */
  async stop(timeoutMs: number): Promise<void> {
    const { clock, nc } = this.own.connection;
    const end = clock.monotonic() + timeoutMs;
    const draining = nc.isClosed() ? [] : this.subscriptions.map((subscription) => subscription.drain());
    await settlesWithin(Promise.allSettled(draining), timeoutMs / 2);
    if (this.inHand.size > 0) {
      const idle = new Promise<void>((resolve) => (this.onIdle = resolve));
      if (!(await settlesWithin(idle, Math.max(0, end - clock.monotonic())))) {
        for (const context of this.inHand.keys()) context.abort(shuttingDown());
      }
    }
    this.ticking?.cancel();
  }

  // An exception in a subscription's callback ends the client's reading for good: this must not throw.
  private receive(error: Error | null, message: Msg): void {
    if (error) return this.own.connection.log.error(`${this.type}: ${error.message}`);
    try {
      if (message.subject === this.own.invoker.contract.subjects.control) this.control(message);
      else this.admit(message);
    } catch (failure) {
      this.own.connection.log.error(`${this.type}: a request failed: ${errorMessage(failure)}`);
    }
  }

  private admit(message: Msg): void {
    const { connection, invoker, options } = this.own;
    const context = new RequestContext(message, invoker.contract, connection.clock);
    if (this.running < options.concurrency) return this.run(context);
    if (this.waiting.length < options.backlog) {
      this.waiting.push(context);
      this.inHand.set(context, undefined);
      return;
    }
    this.stats.record(0);
    this.refuse(context, overloaded(this.type, this.inHand.size));
  }

  private control(message: Msg): void {
    const control = parseControl(message.string());
    if (!control) return;
    for (const [context, sender] of this.inHand) {
      if (context.message.reply !== control.reply) continue;
      if (control.kind === 'cancel') context.abort(cancelled(this.type));
      else sender?.credit(control.credits);
    }
  }

  private tick(): void {
    const now = this.own.connection.clock.monotonic();
    for (const [context, sender] of this.inHand) {
      context.expire(now);
      sender?.tick(now);
    }
  }

  private run(context: RequestContext): void {
    this.running++;
    this.inHand.set(context, undefined);
    const handling = this.handle(context);
    if (handling) void handling.then(() => this.done(context));
    else this.done(context);
  }

  private done(context: RequestContext): void {
    this.running--;
    this.inHand.delete(context);
    this.stats.record(this.own.connection.clock.monotonic() - context.startedAt);
    this.runWaiting();
    if (this.inHand.size === 0) this.onIdle?.();
  }

  private runWaiting(): void {
    // What is handled at once comes back here: a loop, for a long line would overflow the stack.
    if (this.beginning) return;
    this.beginning = true;
    while (this.waiting.length > 0 && this.running < this.own.options.concurrency) {
      const next = this.waiting.shift();
      if (next) this.run(next);
    }
    this.beginning = false;
  }

  /** Handles and answers, at once where nothing has to be waited for. Never fails. */
  private handle(context: RequestContext): void | PromiseLike<void> {
    try {
      // Given up while it waited: nobody awaits the answer.
      if (context.isAborted) throw context.signal.reason;
      const answering = whenReady(this.answerFor(context), (answer) => this.give(context, answer));
      if (!isPending(answering)) return;
      return answering.then(undefined, (error: unknown) => this.refuse(context, error));
    } catch (error) {
      this.refuse(context, error);
    }
  }

  private answerFor(context: RequestContext): Produced {
    const key = context.idempotencyKey;
    if (key === undefined || context.credits > 0) return this.produce(context);
    return this.own.answers.once({ type: this.type, key, context }, () => this.settle(context));
  }

  private give(context: RequestContext, answer: Answer | undefined): void {
    if (answer) this.own.responder.answer(context.message, answer, this.isScattered(context));
  }

  private isScattered({ message }: RequestContext): boolean {
    return message.subject !== this.subjects.one;
  }

  private refuse(context: RequestContext, thrown: unknown): void {
    const error = this.wireError(thrown);
    this.own.responder.answerError(context.message, error, this.isScattered(context));
  }

  private wireError(thrown: unknown): WireError {
    const error = toWireError(this.type, toError(thrown), this.own.http);
    this.stats.recordError(error);
    return error;
  }

  /** The answer of a handler; nothing where it has been streamed already. */
  private produce(context: RequestContext): Produced {
    const reply = this.own.invoker.invoke(context.message.data, context);
    return whenReady(reply, (known) => this.answerOf(context, known));
  }

  private answerOf(context: RequestContext, reply: unknown): Produced {
    if (!isAsyncIterable(reply)) return whenReady(this.own.invoker.encode(reply), asAnswer);
    if (context.credits === 0) throw streams(this.type);
    return this.stream(context, reply).then(() => undefined);
  }

  /** The answer for an idempotency key, which may be an error, and whether a later call is to get it too. */
  private async settle(context: RequestContext): Promise<{ answer: Answer; keep: boolean }> {
    try {
      return { answer: (await this.produce(context)) ?? { payload: new Uint8Array() }, keep: true };
    } catch (thrown) {
      const error = this.wireError(thrown);
      const answer = encodeError(error, this.own.connection.codec);
      return { answer, keep: isFinal(error) };
    }
  }

  private stream(context: RequestContext, items: AsyncIterable<unknown>): Promise<void> {
    const { connection, invoker, responder } = this.own;
    const sender = new StreamSender(context, {
      clock: connection.clock,
      encode: (item) => invoker.encode(item),
      send: (answer) => responder.answer(context.message, answer),
    });
    this.inHand.set(context, sender);
    return sender.sendAll(items);
  }
}

const asAnswer = (payload: Uint8Array): Answer => ({ payload });

// What came of bad luck may go better the next time; what was said on purpose would be said again.
const isFinal = (error: WireError): boolean => {
  if (error.kind === 'http') return error.status < 500;
  return error.kind === 'violations' || error.code === 'PERMANENT';
};

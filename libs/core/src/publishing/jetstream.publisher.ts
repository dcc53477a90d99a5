import { createInbox, Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { Clock, TimerHandle } from '../clock/clock.js';
import { ErrorCode } from '../errors/error-codes.js';
import { MillraceError, PublishError } from '../errors/millrace.error.js';
import { assertNever } from '../errors/error-text.js';
import { EncodedHeaders } from '../headers/header-lines.js';
import { InFlightWindow } from './in-flight-window.js';
import { parsePublishAck } from './publish-ack.js';
import { connectionClosed, denied, failure, mayBeStored, sizeOf, tooLarge } from './publish.errors.js';
import {
  AnyRequest,
  PublishAttempts,
  PublishOutcome,
  PublishRequest,
  Refusal,
  StoredAck,
} from './publish.request.js';

export interface PublisherOptions {
  /** How many publishes may be unconfirmed at once; the rest wait. */
  maxInFlight: number;
  /** How long a publish may take altogether, waiting and retries included. */
  deadlineMs: number;
  /** How long to wait for an answer before sending again with the same message id. */
  ackTimeoutMs: number;
  clock: Clock;
}

interface Pending extends PublishAttempts {
  readonly deadline: number;
  readonly outcome: PublishOutcome<AnyRequest, unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: MillraceError) => void;
  sendAt: number;
  lastAnswer: Refusal | undefined;
}

const AS_STORED: PublishOutcome<AnyRequest, StoredAck> = {
  resultOf: ({ stream, sequence, duplicate }) => ({ stream, sequence, duplicate }),
};

/** How often due retries and deadlines are looked for. */
const SWEEP_MS = 50;
/** Between attempts that the server answered with "not now". */
const RETRY_DELAY_MS = 250;
/** Limits exceeded: the server says 503, but waiting does not make a message smaller or a stream emptier. */
const STORE_FULL = 10077;

/**
 * Publishes to JetStream with confirmation, over one shared inbox: no request object, timer or subscription
 * per message. While the connection is down messages are held; on reconnect, and when an answer is overdue,
 * they are sent again unchanged, so the server's de-duplication makes the retry harmless.
 */
export class JetStreamPublisher {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly window: InFlightWindow;
  private readonly pending = new Map<number, Pending>();
  private readonly queued = new Set<Pending>();
  private readonly encoded = new EncodedHeaders();
  private nextId = 0;
  private sweep: TimerHandle | undefined;
  private connected = true;
  private closed = false;
  private closing: Promise<void> | undefined;
  private onIdle: (() => void) | undefined;

  constructor(
    private readonly nc: NatsConnection,
    private readonly options: PublisherOptions,
    inboxPrefix?: string,
  ) {
    this.inbox = `${createInbox(inboxPrefix)}.`;
    this.window = new InFlightWindow(options.maxInFlight);
    this.subscription = nc.subscribe(`${this.inbox}*`, {
      callback: (error, message) => this.onAck(error, message),
    });
  }

  /** How long a publish may take altogether, where the request does not say. Milliseconds. */
  get deadlineMs(): number {
    return this.options.deadlineMs;
  }

  /** Unconfirmed and waiting publishes. */
  get backlog(): number {
    return this.pending.size + this.queued.size;
  }

  /**
   * Resolves when the server has stored the message: to its answer, or to what `outcome` makes of that.
   * @throws PublishError `PUBLISH_TIMEOUT`, `PUBLISH_NO_STREAM`, `PUBLISH_REJECTED` or `EVENT_TOO_LARGE`.
   */
  publish<Q extends AnyRequest, R>(request: Q, outcome: PublishOutcome<Q, R>): Promise<R>;
  publish(request: PublishRequest): Promise<StoredAck>;
  publish(request: AnyRequest, outcome: PublishOutcome<AnyRequest, unknown> = AS_STORED): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const now = this.options.clock.monotonic();
      const entry: Pending = {
        request,
        outcome,
        deadline: now + (request.deadlineMs ?? this.options.deadlineMs),
        resolve,
        reject,
        sendAt: now,
        attempts: 0,
        refusals: 0,
        lastAnswer: undefined,
      };
      if (this.closed) return refuse(entry, connectionClosed(false));
      this.sweep ??= this.options.clock.every(SWEEP_MS, () => this.onSweep());
      if (this.window.tryEnter()) return this.start(entry);
      this.queued.add(entry);
      this.window.enterWhenFree(() => this.dequeue(entry));
    });
  }

  /** The connection's state, told by whoever watches it. */
  setConnected(connected: boolean): void {
    const regained = connected && !this.connected;
    this.connected = connected;
    if (regained) for (const [id, entry] of this.pending) this.send(id, entry);
  }

  /** Waits until nothing is unconfirmed, `timeoutMs` at most, then fails what is left and refuses more. */
  close(timeoutMs: number): Promise<void> {
    return (this.closing ??= this.finish(timeoutMs));
  }

  /** Fails what waits for an answer on `subject`, since this user may not publish to it. */
  deny(subject: string, cause: Error): void {
    for (const [id, entry] of this.pending) {
      if (entry.request.subject !== subject || entry.attempts === entry.refusals) continue;
      entry.refusals++;
      this.fail(id, entry, denied(entry, cause));
    }
  }

  private async finish(timeoutMs: number): Promise<void> {
    if (this.backlog > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.options.clock.after(timeoutMs, resolve);
        this.onIdle = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.closed = true;
    this.sweep?.cancel();
    // Those in line first: a place that becomes free must not send one more.
    for (const entry of this.takeQueued()) refuse(entry, connectionClosed(false));
    for (const [id, entry] of this.pending) this.fail(id, entry, connectionClosed(mayBeStored(entry)));
    if (!this.nc.isClosed()) this.subscription.unsubscribe();
  }

  private takeQueued(due: (entry: Pending) => boolean = () => true): Pending[] {
    const taken = [...this.queued].filter(due);
    for (const entry of taken) this.queued.delete(entry);
    return taken;
  }

  private dequeue(entry: Pending): void {
    if (this.queued.delete(entry)) this.start(entry);
    else this.window.leave();
  }

  private start(entry: Pending): void {
    const id = this.nextId++;
    this.pending.set(id, entry);
    this.send(id, entry);
  }

  private send(id: number, entry: Pending): void {
    if (!this.connected) return;
    const { subject, payload, headers: given } = entry.request;
    const headers = given instanceof Uint8Array ? this.encoded.of(given) : given;
    try {
      this.nc.publish(subject, payload, { headers, reply: this.inbox + id.toString(36) });
      entry.attempts++;
      entry.sendAt = this.options.clock.monotonic() + this.options.ackTimeoutMs;
    } catch (error) {
      this.fail(id, entry, this.unsendable(entry, error));
    }
  }

  private unsendable(entry: Pending, cause: unknown): MillraceError {
    const { request } = entry;
    const limit = this.nc.info?.max_payload ?? 0;
    if (limit > 0 && sizeOf(request) > limit) return tooLarge(entry, limit);
    if (this.nc.isClosed() || this.nc.isDraining()) return connectionClosed(mayBeStored(entry));
    return new PublishError(ErrorCode.PublishRejected, `The client could not send to '${request.subject}'`, {
      remedy: 'See the cause',
      cause,
      mayBeStored: mayBeStored(entry),
    });
  }

  private onAck(error: Error | null, message: Msg): void {
    if (error) return;
    const id = Number.parseInt(message.subject.slice(this.inbox.length), 36);
    const entry = this.pending.get(id);
    if (!entry) return;
    const answer = parsePublishAck(message);
    switch (answer.kind) {
      case 'stored':
        this.settle(id);
        return entry.resolve(entry.outcome.resultOf(answer, entry.request));
      case 'foreign':
        return;
      case 'rejected':
        entry.refusals++;
        return this.fail(id, entry, failure(entry, answer));
      case 'unavailable':
        entry.refusals++;
        if (answer.serverCode === STORE_FULL) return this.fail(id, entry, failure(entry, answer));
        return this.retryLater(entry, answer);
      case 'no-stream':
        entry.refusals++;
        return this.retryLater(entry, answer);
      default:
        return assertNever(answer);
    }
  }

  private retryLater(entry: Pending, answer: Refusal): void {
    entry.lastAnswer = answer;
    entry.sendAt = this.options.clock.monotonic() + RETRY_DELAY_MS;
  }

  private onSweep(): void {
    const now = this.options.clock.monotonic();
    // Those in line first: a place that becomes free must not send what is overdue itself.
    for (const entry of this.takeQueued(({ deadline }) => now >= deadline)) {
      refuse(entry, failure(entry, undefined));
    }
    for (const [id, entry] of this.pending) {
      if (now >= entry.deadline) this.fail(id, entry, failure(entry, entry.lastAnswer));
      else if (now >= entry.sendAt && this.connected) this.send(id, entry);
    }
    if (this.backlog > 0) return;
    this.sweep?.cancel();
    this.sweep = undefined;
  }

  private fail(id: number, entry: Pending, error: MillraceError): void {
    this.settle(id);
    refuse(entry, error);
  }

  private settle(id: number): void {
    this.pending.delete(id);
    this.window.leave();
    if (this.onIdle && this.backlog === 0) this.onIdle();
  }
}

const refuse = ({ outcome, request, reject }: Pending, error: MillraceError): void => {
  outcome.onFailure?.(error, request);
  reject(error);
};

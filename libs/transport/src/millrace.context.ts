import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { NatsContext } from '@nestjs/microservices';
import { HeaderMap } from '@millrace/core';
import { EventMessage } from '@millrace/events';
import { toNatsHeaders } from './requests/wire.js';

/** What a handler was called with, beside the data. */
export interface Received {
  /** The pattern that was emitted or sent to, as in `order.paid`. */
  readonly route: string;
  readonly headers: HeaderMap;
  /** Aborts when the handler should stop: its time is up, its caller is gone, the application shuts down. */
  readonly signal: AbortSignal;
  /** The event's delivery; `undefined` for a request. */
  readonly message: EventMessage | undefined;
}

/**
 * What `@Ctx()` gives a handler. It is a `NatsContext` too, so that handlers written for Nest's NATS transport
 * need no change.
 */
export class MillraceContext extends NatsContext {
  private natsHeaders: MsgHdrs | undefined;

  constructor(private readonly received: Received) {
    super([received.route, undefined]);
  }

  /** The pattern that was emitted or sent to: the subject, as Nest's NATS transport has it. */
  override getSubject(): string {
    return this.received.route;
  }

  override getHeaders(): MsgHdrs {
    return (this.natsHeaders ??= toNatsHeaders(this.received.headers) ?? createHeaders());
  }

  override getArgs(): [string, MsgHdrs] {
    return [this.getSubject(), this.getHeaders()];
  }

  override getArgByIndex(index: number): unknown {
    return this.getArgs()[index];
  }

  /** The event's delivery: key, attempt, stream, sequence, `extend()`. `undefined` for a request. */
  getMessage(): EventMessage | undefined {
    return this.received.message;
  }

  /** The same for every delivery of this event to this group; `undefined` for a request. */
  getIdempotencyKey(): string | undefined {
    return this.received.message?.idempotencyKey;
  }

  /** 1 for the first delivery, and for a request. */
  getAttempt(): number {
    return this.received.message?.attempt ?? 1;
  }

  getSignal(): AbortSignal {
    return this.received.signal;
  }
}

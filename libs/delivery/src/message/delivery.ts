import { Msg } from '@nats-io/transport-node';
import { ErrorCode, errorMessage, HeaderMap, MillraceError, readHeaders } from '@millrace/core';
import { parseDeliveryToken } from './delivery-token.js';

/** What a message can ask of the engine that holds its lease. */
export interface Lease {
  /** Tells the server that work goes on: the message's `ackWait` starts anew. */
  extend(): void;
}

/**
 * One delivery of a stored message. Everything that a handler may not look at is computed when first asked
 * for: most handlers read the body and nothing else.
 */
export class Delivery {
  readonly stream: string;
  readonly consumer: string;
  /** The message's place in its stream. */
  readonly sequence: number;
  /** 1 for the first delivery; counted by the server, so it survives crashes. */
  readonly attempt: number;
  private readonly storedAtMs: number;
  private controller: AbortController | undefined;
  private abortReason: Error | undefined;
  private headerMap: HeaderMap | undefined;

  constructor(
    private readonly message: Msg,
    /** The set of replicas that shares this work. */
    readonly group: string,
    private readonly lease: Lease,
  ) {
    const token = parseDeliveryToken(message.reply ?? '');
    this.stream = token.stream;
    this.consumer = token.consumer;
    this.sequence = token.sequence;
    this.attempt = token.attempt;
    this.storedAtMs = token.storedAtMs;
  }

  get subject(): string {
    return this.message.subject;
  }

  /** The body as it was stored. */
  get body(): Uint8Array {
    return this.message.data;
  }

  /** @throws MillraceError `EVENT_UNREADABLE` for headers of another client that are against the rules. */
  get headers(): HeaderMap {
    return (this.headerMap ??= this.readHeaders());
  }

  /** When the server stored the message. */
  get storedAt(): Date {
    return new Date(this.storedAtMs);
  }

  /** Aborts when the attempt's time is up, or when the application stops and can wait no longer. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.abortReason) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  /** Whether the attempt was ended from outside: the signal without the cost of one. */
  get isAborted(): boolean {
    return this.abortReason !== undefined;
  }

  /** Starts the message's `ackWait` anew. The engine does so by itself while a handler runs. */
  extend(): void {
    this.lease.extend();
  }

  /** Tells the handler to stop. Called by the engine and its middlewares. */
  abort(reason: Error): void {
    if (this.abortReason) return;
    this.abortReason = reason;
    this.controller?.abort(reason);
  }

  private readHeaders(): HeaderMap {
    try {
      return readHeaders(this.message.headers);
    } catch (cause) {
      throw new MillraceError(
        ErrorCode.EventUnreadable,
        `The headers of ${this.stream} ${this.sequence} cannot be read: ${errorMessage(cause)}`,
        { remedy: 'Publish it again with header names of letters, digits and dashes', cause },
      );
    }
  }
}

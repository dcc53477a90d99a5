import { Msg } from '@nats-io/transport-node';
import {
  ErrorCode,
  errorMessage,
  HeaderMap,
  MillraceError,
  plainHeader,
  plainHeadersOf,
  readMessageHeaders,
} from '@millrace/core';
import { deliveryTokenOf } from './delivery-token.js';

/** What a message can ask of the engine that holds its lease. */
export interface Lease {
  /** Tells the server that work goes on: the message's `ackWait` starts anew. */
  extend(): void;
}

/** Where a message was stored first, when its consumer reads a copy of the stream. */
export interface Origin {
  stream: string;
  sequence: number;
  subject: string;
}

/** Proves who is at work: of two tokens of one name, the lower one's holder has been replaced. */
export interface OwnershipFence {
  readonly name: string;
  readonly token: number;
}

export interface DeliveryCircumstances {
  origin?: Origin | undefined;
  /** Set where only the owner of the message's partition may handle it. */
  fence?: OwnershipFence | undefined;
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
  /** Set where only the owner of the message's partition may handle it: what it writes can be held to it. */
  readonly fence: OwnershipFence | undefined;
  private readonly storedAtMs: number;
  private readonly storedAs: Origin | undefined;
  private controller: AbortController | undefined;
  private abortReason: Error | undefined;
  private headerMap: HeaderMap | undefined;
  /** All headers in one text; `null` where they have to be read one by one. */
  private plain: string | null | undefined;

  constructor(
    private readonly message: Msg,
    /** The set of replicas that shares this work. */
    readonly group: string,
    private readonly lease: Lease,
    { origin, fence }: DeliveryCircumstances = {},
  ) {
    const token = deliveryTokenOf(message);
    this.storedAs = origin;
    this.fence = fence;
    this.stream = origin?.stream ?? token.stream;
    this.consumer = token.consumer;
    this.sequence = origin?.sequence ?? token.sequence;
    this.attempt = token.attempt;
    this.storedAtMs = token.storedAtMs;
  }

  get subject(): string {
    return this.storedAs?.subject ?? this.message.subject;
  }

  /** The body as it was stored. */
  get body(): Uint8Array {
    return this.message.data;
  }

  /** @throws MillraceError `EVENT_UNREADABLE` for headers of another client that are against the rules. */
  get headers(): HeaderMap {
    return (this.headerMap ??= this.readHeaders());
  }

  /** One of {@link headers}, without reading the others for it. @throws as `headers` does. */
  header(name: string): string | undefined {
    if (this.headerMap) return this.headerMap[name];
    if (this.plain === undefined) this.plain = plainHeadersOf(this.message) ?? null;
    return this.plain === null ? this.headers[name] : plainHeader(this.plain, name);
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
      return readMessageHeaders(this.message);
    } catch (cause) {
      throw new MillraceError(
        ErrorCode.EventUnreadable,
        `The headers of ${this.stream} ${this.sequence} cannot be read: ${errorMessage(cause)}`,
        { remedy: 'Publish it again with header names of letters, digits and dashes', cause },
      );
    }
  }
}

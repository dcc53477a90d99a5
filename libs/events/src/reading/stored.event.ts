import {
  EventAttributes,
  HeaderMap,
  parseEventSubject,
  ParsedEventSubject,
  readEventAttributes,
  readHeaders,
} from '@millrace/core';
import { StoredMessage } from './stored.page.js';

/** Decodes an event of its class; plain data where no class of this process describes it. */
export type EventDecoder<T> = (event: StoredEvent) => Promise<T>;

const NOT_AN_EVENT: ParsedEventSubject = { context: '', event: '', keyToken: '', key: undefined };

/** An event as its context's stream holds it: what `EventBus.read` gives. */
export class StoredEvent<T = unknown> {
  private known: EventAttributes | undefined;
  private map: HeaderMap | undefined;
  private readonly parts: ParsedEventSubject;

  constructor(
    readonly stream: string,
    private readonly message: StoredMessage,
    private readonly decoder: EventDecoder<T>,
  ) {
    this.parts = parseEventSubject(message.subject) ?? NOT_AN_EVENT;
  }

  get subject(): string {
    return this.message.subject;
  }

  /** The event's name, as in `order.paid`. */
  get type(): string {
    return `${this.parts.context}.${this.parts.event}`;
  }

  /** `undefined` where the event has no key. */
  get key(): string | undefined {
    return this.attributes.key;
  }

  /** `ce-id`; `<stream>:<sequence>` where the publisher gave none. */
  get id(): string {
    return this.attributes.id;
  }

  /** Who published it. */
  get source(): string {
    return this.attributes.source;
  }

  /** The version of its contract; `undefined` where the publisher did not say. */
  get version(): number | undefined {
    return this.attributes.version;
  }

  get sequence(): number {
    return this.message.sequence;
  }

  get storedAt(): Date {
    return this.message.storedAt;
  }

  get publishedAt(): Date {
    return this.attributes.time;
  }

  get headers(): HeaderMap {
    return (this.map ??= readHeaders(this.message.headers));
  }

  /** As it was published. */
  get body(): Uint8Array {
    return this.message.body;
  }

  /**
   * The event itself, validated.
   * @throws ContractViolationError `EVENT_INVALID`; MillraceError `EVENT_UNREADABLE`, `KEY_UNKNOWN`.
   */
  decode(): Promise<T> {
    return this.decoder(this);
  }

  private get attributes(): EventAttributes {
    const { stream, sequence, storedAt: time } = this;
    return (this.known ??= readEventAttributes(this.headers, this.parts, { stream, sequence, time }));
  }
}

import { Delivery } from '@millrace/delivery';
import {
  EventAttributes,
  HeaderName,
  parseEventSubject,
  ParsedEventSubject,
  parseEventVersion,
  readEventAttributes,
} from '@millrace/core';

const NOT_AN_EVENT: ParsedEventSubject = { context: '', event: '', keyToken: '', key: undefined };

/** One delivery of one event: what `@Context()` gives a handler. */
export class EventMessage<T = unknown> extends Delivery {
  private decoded: T | undefined;
  private known: EventAttributes | undefined;
  private parts: ParsedEventSubject | undefined;

  /** The event itself, validated; `undefined` until it has been decoded. */
  get event(): T | undefined {
    return this.decoded;
  }

  /** The event's name, as in `order.paid`. */
  get type(): string {
    return `${this.subjectParts.context}.${this.subjectParts.event}`;
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
    return parseEventVersion(this.header(HeaderName.EventVersion));
  }

  get publishedAt(): Date {
    return this.attributes.time;
  }

  /** W3C trace context of the publisher. */
  get traceparent(): string | undefined {
    return this.attributes.traceparent;
  }

  /**
   * The same for every delivery of this event to this group, replays included, and for no other: give it to
   * whatever outside system must not act twice.
   */
  get idempotencyKey(): string {
    return `${this.group}:${this.id}`;
  }

  /** The subject's parts, the key still encoded. */
  get subjectParts(): ParsedEventSubject {
    return (this.parts ??= parseEventSubject(this.subject) ?? NOT_AN_EVENT);
  }

  /** Sets the decoded event. Called by the decoding middleware. */
  accept(event: T): void {
    this.decoded = event;
  }

  private get attributes(): EventAttributes {
    return (this.known ??= readEventAttributes(this.headers, this.subjectParts, {
      stream: this.stream,
      sequence: this.sequence,
      time: this.storedAt,
    }));
  }
}

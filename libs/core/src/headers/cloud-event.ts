import { MsgHdrs, MsgHdrsImpl } from '@nats-io/transport-node';
import { ParsedEventSubject } from '../subjects/event-subject.js';
import { isHashedToken, tokenMatchesKey } from '../subjects/key-token.js';
import { HeaderName } from './header-names.js';
import { decodeAttribute, encodeAttribute, HeaderMap } from './header-value.js';

/** The CloudEvents attributes of one event. */
export interface EventAttributes {
  id: string;
  /** Who published: an app's name, or `nats` for a client that did not say. */
  source: string;
  /** The event's name, as in `order.paid`. */
  type: string;
  /** The contract's version; `undefined` where the publisher did not say. */
  version: number | undefined;
  /** When it was published; the time it was stored, where the publisher did not say. */
  time: Date;
  key: string | undefined;
  traceparent: string | undefined;
}

export interface OutgoingAttributes {
  id: string;
  source: string;
  type: string;
  version: number;
  key: string | undefined;
  time: Date;
  contentType: string;
  traceparent: string;
}

/** The headers of an event to be published: `extra` first, so that they can never replace an attribute. */
export const writeEventHeaders = (event: OutgoingAttributes, extra: HeaderMap | undefined): MsgHdrs => {
  const record: Record<string, string[]> = extra ? copyOf(extra) : {};
  const id = encodeAttribute(event.id);
  record[HeaderName.MessageId] = [id];
  record[HeaderName.SpecVersion] = ['1.0'];
  record[HeaderName.Id] = [id];
  record[HeaderName.Source] = [encodeAttribute(event.source)];
  record[HeaderName.Type] = [event.type];
  record[HeaderName.EventVersion] = [String(event.version)];
  record[HeaderName.Time] = [event.time.toISOString()];
  if (event.key !== undefined) record[HeaderName.Subject] = [encodeAttribute(event.key)];
  record[HeaderName.ContentType] = [event.contentType];
  record[HeaderName.TraceParent] = [event.traceparent];
  // Setting them one by one, the client searches all of them for each: four times the work.
  return MsgHdrsImpl.fromRecord(record);
};

// Without a prototype: a header may be called `__proto__`.
const copyOf = (extra: HeaderMap): Record<string, string[]> => {
  const record = Object.create(null) as Record<string, string[]>;
  for (const name of Object.keys(extra)) record[name] = [(extra[name] ?? '').trim()];
  return record;
};

/** Where a stored event lies. */
export interface StoredAt {
  stream: string;
  sequence: number;
  time: Date;
}

const parseVersion = (text: string | undefined): number | undefined => {
  const version = Number(text);
  return text !== undefined && Number.isSafeInteger(version) && version > 0 ? version : undefined;
};

const parseTime = (text: string | undefined): Date | undefined => {
  const time = text === undefined ? undefined : new Date(text);
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time;
};

// The header is believed only where it agrees with the subject: the subject decides order and routing.
const keyOf = (subject: ParsedEventSubject, header: string | undefined): string | undefined => {
  if (header === undefined || !isHashedToken(subject.keyToken)) return subject.key;
  const key = decodeAttribute(header);
  return tokenMatchesKey(subject.keyToken, key) ? key : subject.key;
};

/** The attributes of an event that arrived, filled in from its subject and its place where headers are absent. */
export const readEventAttributes = (
  headers: HeaderMap,
  subject: ParsedEventSubject,
  stored: StoredAt,
): EventAttributes => {
  // Empty counts as absent: one id for many events would make them one.
  const id = headers[HeaderName.Id] || headers[HeaderName.MessageId];
  const source = headers[HeaderName.Source];
  return {
    id: !id ? `${stored.stream}:${stored.sequence}` : decodeAttribute(id),
    source: !source ? 'nats' : decodeAttribute(source),
    type: `${subject.context}.${subject.event}`,
    version: parseVersion(headers[HeaderName.EventVersion]),
    time: parseTime(headers[HeaderName.Time]) ?? stored.time,
    key: keyOf(subject, headers[HeaderName.Subject]),
    traceparent: headers[HeaderName.TraceParent],
  };
};

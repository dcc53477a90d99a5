import { MsgHdrs } from '@nats-io/transport-node';
import { ParsedEventSubject } from '../subjects/event-subject.js';
import { isHashedToken, tokenMatchesKey } from '../subjects/key-token.js';
import { headerLine, LINE_END, parseHeaderLines } from './header-lines.js';
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
  /** Milliseconds since the epoch. */
  timeMs: number;
  contentType: string;
  traceparent: string;
}

/** What the headers of every event are called: none of a user's own may take their place. */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  HeaderName.MessageId,
  HeaderName.SpecVersion,
  HeaderName.Id,
  HeaderName.Source,
  HeaderName.Type,
  HeaderName.EventVersion,
  HeaderName.Time,
  HeaderName.Subject,
  HeaderName.ContentType,
  HeaderName.TraceParent,
]);

/**
 * The headers of an event to be published, as lines of `name: value`. As one text, since they are all written
 * anew for every event: as the client's map of arrays they take three times as long and fill the heap.
 */
export const eventHeaderLines = (event: OutgoingAttributes, extra: HeaderMap | undefined): string => {
  const id = encodeAttribute(event.id);
  const subject =
    event.key === undefined ? '' : `${HeaderName.Subject}: ${encodeAttribute(event.key)}${LINE_END}`;
  return `${extra ? linesOf(extra) : ''}${HeaderName.MessageId}: ${id}\r
${HeaderName.SpecVersion}: 1.0\r
${HeaderName.Id}: ${id}\r
${HeaderName.Source}: ${encodeAttribute(event.source)}\r
${HeaderName.Type}: ${event.type}\r
${HeaderName.EventVersion}: ${event.version}\r
${HeaderName.Time}: ${isoTime(event.timeMs)}\r
${subject}${HeaderName.ContentType}: ${event.contentType}\r
${HeaderName.TraceParent}: ${event.traceparent}\r
`;
};

/** {@link eventHeaderLines} in the client's form: for whoever adds to them. */
export const writeEventHeaders = (event: OutgoingAttributes, extra: HeaderMap | undefined): MsgHdrs =>
  parseHeaderLines(eventHeaderLines(event, extra));

const linesOf = (extra: HeaderMap): string => {
  let lines = '';
  for (const name of Object.keys(extra)) {
    if (!ATTRIBUTES.has(name)) lines += headerLine(name, (extra[name] ?? '').trim());
  }
  return lines;
};

let latest = { ms: 0, text: new Date(0).toISOString() };

// Many events are published in one millisecond.
const isoTime = (ms: number): string => {
  if (latest.ms !== ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
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

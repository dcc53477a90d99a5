import { MsgHdrs } from '@nats-io/transport-node';
import { ParsedEventSubject } from '../subjects/event-subject.js';
import { isHashedToken, tokenMatchesKey } from '../subjects/key-token.js';
import { headerLine, parseHeaderLines } from './header-lines.js';
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

/** What is the same for every event of a contract that one application publishes. */
export interface CommonAttributes {
  source: string;
  type: string;
  version: number;
  contentType: string;
}

/** What each event has of its own. */
export interface OwnAttributes {
  id: string;
  key: string | undefined;
  /** Milliseconds since the epoch. */
  timeMs: number;
  traceparent: string;
}

export type OutgoingAttributes = CommonAttributes & OwnAttributes;

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

/** The headers that all events of a contract have in common, as lines of `name: value`. */
export const commonHeaderLines = ({ source, type, version, contentType }: CommonAttributes): string =>
  headerLine(HeaderName.SpecVersion, '1.0') +
  headerLine(HeaderName.Source, encodeAttribute(source)) +
  headerLine(HeaderName.Type, type) +
  headerLine(HeaderName.EventVersion, String(version)) +
  headerLine(HeaderName.ContentType, contentType);

/**
 * The headers of an event to be published. As one text, since they are written anew for every event: as the
 * client's map of arrays they take three times as long and fill the heap.
 */
export const eventHeaderLines = (
  common: string,
  { id, key, timeMs, traceparent }: OwnAttributes,
  extra: HeaderMap | undefined,
): string => {
  const encodedId = encodeAttribute(id);
  const lines = `${common}${HeaderName.MessageId}: ${encodedId}\r
${HeaderName.Id}: ${encodedId}\r
${HeaderName.Time}: ${isoTime(timeMs)}\r
${HeaderName.TraceParent}: ${traceparent}\r
`;
  const keyed = key === undefined ? lines : lines + headerLine(HeaderName.Subject, encodeAttribute(key));
  return extra ? linesOf(extra) + keyed : keyed;
};

/** The same in the client's form: for whoever changes them. */
export const writeEventHeaders = (event: OutgoingAttributes, extra: HeaderMap | undefined): MsgHdrs =>
  parseHeaderLines(eventHeaderLines(commonHeaderLines(event), event, extra));

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

/** The version that a header gives; `undefined` where it gives none. */
export const parseEventVersion = (text: string | undefined): number | undefined => {
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
    version: parseEventVersion(headers[HeaderName.EventVersion]),
    time: parseTime(headers[HeaderName.Time]) ?? stored.time,
    key: keyOf(subject, headers[HeaderName.Subject]),
    traceparent: headers[HeaderName.TraceParent],
  };
};

import { configInvalid } from '../errors/millrace.error.js';
import { decodeKey, encodeKey } from './key-token.js';

/** `events.<context>.<event>.<key>`: where an event of this name travels. */
export const EVENTS_ROOT = 'events';
const ROOT_PREFIX = `${EVENTS_ROOT}.`;
/** The key of an event that has none. */
export const NO_KEY = '_';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const GROUP = /^[A-Za-z0-9_-]{1,128}$/;

export interface EventName {
  context: string;
  event: string;
}

/** The two halves of `'order.paid'`. @throws `CONFIG_INVALID` for any other form. */
export const parseEventName = (name: string): EventName => {
  const [context, event, ...rest] = name.split('.');
  if (context && event && rest.length === 0 && NAME.test(context) && NAME.test(event))
    return { context, event };
  throw configInvalid(
    `'${name}' is not an event name`,
    "Use '<context>.<event>' in letters, digits, '-' and '_', as in 'order.paid'",
  );
};

/** @throws `CONFIG_INVALID` when `group` cannot be part of a consumer's name. */
export const assertGroup = (group: string): string => {
  if (GROUP.test(group)) return group;
  throw configInvalid(
    `'${group}' is not a group name`,
    "Use up to 128 letters, digits, '-' and '_': it becomes the consumer's name",
  );
};

/** The subject of an event. @throws MillraceError `KEY_INVALID` for a key with a lone surrogate. */
export const eventSubject = (name: EventName, key: string | undefined): string =>
  `${EVENTS_ROOT}.${name.context}.${name.event}.${key === undefined ? NO_KEY : encodeKey(key)}`;

export interface ParsedEventSubject extends EventName {
  /** The key's token as it stands in the subject. */
  keyToken: string;
  /** The key; `undefined` where the event has none. */
  key: string | undefined;
}

/** The parts of an event's subject; `undefined` where it is not one. */
export const parseEventSubject = (subject: string): ParsedEventSubject | undefined => {
  const contextAt = ROOT_PREFIX.length;
  const eventAt = subject.indexOf('.', contextAt) + 1;
  const keyAt = eventAt > 0 ? subject.indexOf('.', eventAt) + 1 : 0;
  if (keyAt === 0 || !subject.startsWith(ROOT_PREFIX) || subject.includes('.', keyAt)) return undefined;
  const context = subject.slice(contextAt, eventAt - 1);
  const event = subject.slice(eventAt, keyAt - 1);
  const keyToken = subject.slice(keyAt);
  if (!context || !event || !keyToken) return undefined;
  return { context, event, keyToken, key: keyToken === NO_KEY ? undefined : decodeKey(keyToken) };
};

/** The stream that keeps a context's events. */
export const eventStreamName = (context: string): string => `EVENTS_${context}`;
/** What the stream of a context captures. */
export const eventStreamSubject = (context: string): string => `${EVENTS_ROOT}.${context}.*.*`;

import { createHash } from 'node:crypto';
import { decodeKey, encodeKey, EventName } from '@millrace/core';

/** The context of the patterns that are no event's name, such as `'notification'` and `{ cmd: 'sum' }`. */
export const PATTERNS_CONTEXT = 'patterns';

/** What a handler's pattern asks of the event bus. */
export interface RouteTarget {
  /** As `EventBus.subscribe` takes it. */
  readonly pattern: string;
  /** Which of the events that it brings are meant; `undefined` where all are. */
  readonly matches: ((route: string) => boolean) | undefined;
}

const TOKEN = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

// An object pattern is JSON by now: its dots and stars mean nothing.
const tokensOf = (route: string): string[] => (route.startsWith('{') ? [route] : route.split('.'));

/** Whether the route holds `*` or `>`. */
export const isWildcard = (route: string): boolean =>
  tokensOf(route).some((token) => token === '*' || token === '>');

/**
 * The event that a route without wildcards travels as. `'order.paid'` is the event of that name; any other is an
 * event of the context `patterns`, its name encoded as keys are.
 */
export const eventOf = (route: string): EventName => {
  const [context = '', event = '', ...rest] = tokensOf(route);
  const isName = rest.length === 0 && TOKEN.test(context) && TOKEN.test(event);
  return isName && context !== PATTERNS_CONTEXT
    ? { context, event }
    : { context: PATTERNS_CONTEXT, event: encodeKey(route) };
};

/** The route of an event: the reverse of {@link eventOf}, but for routes too long to be encoded. */
export const routeOf = ({ context, event }: EventName): string =>
  context === PATTERNS_CONTEXT ? decodeKey(event) : `${context}.${event}`;

/** The subject of a request: the route itself, as Nest's NATS transport has it, where that is a legal subject. */
export const subjectOf = (route: string): string =>
  /\s/.test(route) || tokensOf(route).includes('') ? encodeKey(route) : route;

/** The route of a request's subject: the reverse of {@link subjectOf}. */
export const routeOfSubject = (subject: string): string => decodeKey(subject);

/** Whether a route with NATS wildcards covers one without. */
export const coversRoute = (wide: string, route: string): boolean => {
  const tokens = tokensOf(wide);
  const there = tokensOf(route);
  const open = tokens.at(-1) === '>';
  if (open ? there.length < tokens.length : there.length !== tokens.length) return false;
  return tokens.every((token, at) => token === '*' || token === '>' || token === there[at]);
};

/** What to subscribe to for a handler's route, with wildcards or without. */
export const targetsOf = (route: string): RouteTarget[] => {
  if (!isWildcard(route)) {
    const { context, event } = eventOf(route);
    return [{ pattern: `${context}.${event}`, matches: undefined }];
  }
  if (route === '>') return [{ pattern: '>', matches: undefined }];
  const [first = '', second, ...rest] = tokensOf(route);
  const matches = (other: string): boolean => coversRoute(route, other);
  const encoded = { pattern: `${PATTERNS_CONTEXT}.*`, matches };
  if (second === undefined || rest.length > 0) return [encoded];
  if (first === '*') return [{ pattern: '>', matches }];
  return TOKEN.test(first) ? [{ pattern: `${first}.*`, matches }, encoded] : [encoded];
};

const HASH_LENGTH = 8;

/** A group name for a route: `order.*` becomes `order-any`. */
export const groupOfRoute = (route: string): string => {
  const plain = tokensOf(route)
    .map((token) => (token === '*' ? 'any' : token === '>' ? 'all' : token))
    .join('-');
  if (/^[A-Za-z0-9_-]{1,64}$/.test(plain)) return plain;
  const hash = createHash('sha256').update(route).digest('hex').slice(0, HASH_LENGTH);
  return `${plain.replace(/[^A-Za-z0-9_]+/g, '-').slice(0, 48)}-${hash}`;
};

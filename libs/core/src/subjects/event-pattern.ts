import { configInvalid } from '../errors/millrace.error.js';
import { EventName, EVENTS_ROOT } from './event-subject.js';

/** Which events a subscription wants: a context or all of them, an event or all of them. */
export interface EventPattern {
  /** `undefined`: every context. */
  context: string | undefined;
  /** `undefined`: every event. */
  event: string | undefined;
}

const TOKEN = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
/** Also what `encodeKey` writes: patterns of other frameworks travel under such names. */
const EVENT_TOKEN = /^[A-Za-z0-9_=-]+$/;

/**
 * Reads `'order.paid'`, `'order.*'`, `'order.>'`, `'*.paid'`, `'*.*'`, `'*'` and `'>'`.
 * @throws `CONFIG_INVALID` for any other form.
 */
export const parseEventPattern = (pattern: string): EventPattern => {
  if (pattern === '>' || pattern === '*' || pattern === '*.>')
    return { context: undefined, event: undefined };
  const [context = '', event = '', ...rest] = pattern.split('.');
  const contextOk = context === '*' || TOKEN.test(context);
  const eventOk = event === '*' || event === '>' || EVENT_TOKEN.test(event);
  if (!contextOk || !eventOk || rest.length > 0) {
    throw configInvalid(
      `'${pattern}' is not an event pattern`,
      "Use 'order.paid', 'order.*', '*.paid' or '>'",
    );
  }
  return {
    context: context === '*' ? undefined : context,
    event: event === '*' || event === '>' ? undefined : event,
  };
};

export const patternText = ({ context, event }: EventPattern): string =>
  context === undefined && event === undefined ? '>' : `${context ?? '*'}.${event ?? '*'}`;

export const matchesPattern = (pattern: EventPattern, name: EventName): boolean =>
  (pattern.context === undefined || pattern.context === name.context) &&
  (pattern.event === undefined || pattern.event === name.event);

/** The consumer filter of a pattern within one context's stream. */
export const patternFilter = (pattern: EventPattern, context: string): string =>
  `${EVENTS_ROOT}.${context}.${pattern.event ?? '*'}.*`;

/** Whether every subject that `narrow` matches is matched by `wide` too. Both may hold wildcards. */
export const covers = (wide: string, narrow: string): boolean => {
  const there = narrow.split('.');
  const tokens = wide.split('.');
  const tail = tokens.at(-1) === '>';
  if (tail ? there.length < tokens.length : there.length !== tokens.length) return false;
  return tokens.every((token, at) => {
    if (token === '>') return true;
    return token === '*' ? there[at] !== '>' : token === there[at];
  });
};

/** Filters without those that a wider one covers: the server refuses filters that overlap. */
export const withoutOverlap = (filters: readonly string[]): string[] => {
  const unique = [...new Set(filters)];
  return unique.filter((filter) => !unique.some((other) => other !== filter && covers(other, filter))).sort();
};

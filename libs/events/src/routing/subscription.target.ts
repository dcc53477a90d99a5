import {
  ClassOf,
  configInvalid,
  EventContract,
  EventPattern,
  matchesPattern,
  parseEventPattern,
  patternFilter,
  patternText,
} from '@millrace/core';

/** What to subscribe to: an event class, several, or a pattern such as `'order.*'`, `'*.paid'` or `'>'`. */
export type SubscriptionTarget<T extends object = object> = ClassOf<T> | readonly ClassOf<T>[] | string;

/** A target, resolved. */
export interface ResolvedTarget {
  /** As shown in logs. */
  readonly text: string;
  /** The classes asked for; empty for a pattern. */
  readonly contracts: readonly EventContract[];
  readonly patterns: readonly EventPattern[];
}

/** @throws `CONFIG_INVALID` for an empty list or a malformed pattern. */
export const resolveTarget = (
  target: SubscriptionTarget,
  contractOf: (target: ClassOf<object>) => EventContract,
): ResolvedTarget => {
  if (typeof target === 'string') {
    const pattern = parseEventPattern(target);
    return { text: patternText(pattern), contracts: [], patterns: [pattern] };
  }
  const classes: readonly ClassOf<object>[] = typeof target === 'function' ? [target] : target;
  if (classes.length === 0)
    throw configInvalid('A subscription to no event at all', 'Name at least one event class');
  const contracts = classes.map(contractOf);
  const patterns = contracts.map(({ name }) => ({ context: name.context, event: name.event }));
  return { text: [...new Set(contracts.map(({ type }) => type))].join(', '), contracts, patterns };
};

/** The contexts that a target names; `undefined` where it wants all there are. */
export const contextsOf = ({ patterns }: ResolvedTarget): string[] | undefined => {
  const contexts = new Set<string>();
  for (const { context } of patterns) {
    if (context === undefined) return undefined;
    contexts.add(context);
  }
  return [...contexts];
};

/**
 * The one consumer filter of a target within a context. Where the target wants several of its events the
 * filter takes the whole context and the rest is passed over here: a consumer with several filters is a
 * hundred times slower than one that skips (see docs/decisions).
 */
export const filterFor = ({ patterns }: ResolvedTarget, context: string): string => {
  const filters = new Set(
    patterns
      .filter((pattern) => pattern.context === undefined || pattern.context === context)
      .map((pattern) => patternFilter(pattern, context)),
  );
  const [only] = filters;
  return filters.size === 1 && only !== undefined
    ? only
    : patternFilter({ context, event: undefined }, context);
};

/** The one event of a context that a target wants; `undefined` where it wants several. */
export const eventFor = ({ patterns }: ResolvedTarget, context: string): string | undefined => {
  const events = new Set(
    patterns
      .filter((pattern) => pattern.context === undefined || pattern.context === context)
      .map(({ event }) => event),
  );
  const [only] = events;
  return events.size === 1 ? only : undefined;
};

/** Whether the target wants an event of this name. */
export const wants = ({ patterns }: ResolvedTarget, context: string, event: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, { context, event }));

import { EncodedEvent, encodeEvent, EventContract, HeaderMap, MillraceConnection } from '@millrace/core';
import { parentTrace } from '@millrace/delivery';
import { eventOf } from './pattern.route.js';

/** Stands for the class that a pattern's data has none of. */
class PatternData {}

export interface PatternEvent {
  readonly route: string;
  readonly data: unknown;
  readonly headers?: HeaderMap | undefined;
  readonly key?: string | undefined;
  readonly messageId?: string | undefined;
}

/**
 * Data emitted to a pattern, as the event that a `bus.publish` of the same name would store.
 * @throws MillraceError `CONFIG_INVALID`, `KEY_INVALID`, `EVENT_INVALID` for what the codec cannot write
 */
export const encodePatternEvent = (
  { route, data, headers, key, messageId }: PatternEvent,
  { name: source, codec, clock }: MillraceConnection,
): EncodedEvent & { context: string } => {
  const name = eventOf(route);
  const type = `${name.context}.${name.event}`;
  const contract: EventContract = { type, name, version: 1, key: undefined, target: PatternData };
  const options = { key, messageId, headers, parentTrace: parentTrace() };
  // A pattern's data is any JSON, not an object alone: nothing on the way looks into it.
  const event = data as object;
  return { ...encodeEvent(contract, event, options, { source, codec, clock }), context: name.context };
};

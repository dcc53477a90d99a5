import { DeadLetter } from './dead-letter.js';
import { deadSubject, tokenOfKey } from './dead-letter.subject.js';

/** Which dead letters are meant; all that is given must hold. */
export interface DeadLetterFilter {
  context?: string;
  /** Without its context, as in `paid`. */
  event?: string;
  group?: string;
  /** `null`: those without a key. */
  key?: string | null;
  /** The cause's code or class, or a part of its message, in any case. */
  cause?: string;
  /** Dead at this time or later. */
  since?: Date;
  /** Dead before this time. */
  until?: Date;
  /** How many at the most. Default: all. */
  limit?: number;
}

/** What the server can tell apart by itself. */
export const filterSubject = ({ context = '*', event = '*', group = '*', key }: DeadLetterFilter): string =>
  deadSubject({ context, event, group, keyToken: key === undefined ? '*' : tokenOfKey(key) });

/** What only the dead letter itself tells. */
export const matchesFilter = ({ cause, deadAt }: DeadLetter, filter: DeadLetterFilter): boolean => {
  if (filter.since && deadAt < filter.since) return false;
  if (filter.until && deadAt >= filter.until) return false;
  if (filter.cause === undefined) return true;
  const wanted = filter.cause.toLowerCase();
  return [cause.code, cause.name].some((name) => name?.toLowerCase() === wanted)
    ? true
    : cause.message.toLowerCase().includes(wanted);
};

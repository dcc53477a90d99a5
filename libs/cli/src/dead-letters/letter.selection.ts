import { configInvalid, ErrorCode, MillraceError } from '@millrace/core';
import { DEAD_LETTERS, DeadLetter, DeadLetters } from '@millrace/delivery';
import { Session } from '../cli.js';
import { Flags } from '../flags.js';
import { readFilter } from './letter.filter.js';

/** Whether the stream of dead letters is there: the first subscriber makes it. */
export const hasDeadLetters = async ({ connection }: Session): Promise<boolean> =>
  (await connection.streams.find(DEAD_LETTERS)) !== undefined;

/**
 * The dead letters that a command is about: those named, or those that the filter finds at this moment.
 * @throws MillraceError `CONFIG_INVALID` where nothing, or both, is said; `DEAD_LETTER_UNKNOWN`.
 */
export const selectLetters = async (session: Session, ids: readonly string[]): Promise<DeadLetter[]> => {
  const { flags, connection, signal } = session;
  const isFiltered = hasFilter(flags);
  if (ids.length > 0 && isFiltered) {
    throw configInvalid('Ids and a filter are given together', 'Give one of the two');
  }
  if (ids.length === 0 && !isFiltered) {
    throw configInvalid('No dead letter is named', 'Give ids, a filter such as --group, or --all');
  }
  if (!(await hasDeadLetters(session))) {
    if (ids[0] === undefined) return [];
    throw new MillraceError(ErrorCode.DeadLetterUnknown, `There is no dead letter '${ids[0]}'`, {
      remedy: 'There is no stream of dead letters: check that this is the right server and account',
    });
  }
  const letters = new DeadLetters(connection);
  const found: DeadLetter[] = [];
  if (ids.length > 0) {
    for (const id of new Set(ids)) found.push(await letters.get(id));
    return found;
  }
  for await (const letter of letters.list(readFilter(flags))) {
    if (signal.aborted) break;
    // The bodies of many would fill the memory; they are read again one by one.
    found.push({ ...letter, body: EMPTY });
  }
  return found;
};

const EMPTY = new Uint8Array();

const FILTERS = ['context', 'event', 'group', 'key', 'cause', 'since', 'until', 'limit'];

const hasFilter = (flags: Flags): boolean =>
  flags.isSet('all') || flags.isRefused('key') || FILTERS.some((name) => flags.text(name) !== undefined);

import { StoredMsg } from '@nats-io/jetstream';
import { ApiErrorCode, isApiError, MillraceConnection, readHeaders } from '@millrace/core';
import { DeadLetter, readDeadLetter } from './dead-letter.js';
import { lettersUnreachable } from './dead-letter.errors.js';
import { DeadLetterFilter, filterSubject, matchesFilter } from './dead-letter.filter.js';
import { DEAD_LETTERS } from './dead-letter.stream.js';

const BATCH = 100;

export const toDeadLetter = ({ subject, seq, header, data, time }: StoredMsg): DeadLetter =>
  readDeadLetter({ subject, sequence: seq, headers: readHeaders(header), body: data, time });

/** The dead letters that match, oldest first. @throws MillraceError `STORAGE_UNAVAILABLE` */
export async function* readLetters(
  connection: MillraceConnection,
  filter: DeadLetterFilter,
): AsyncGenerator<DeadLetter> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  const from: Start = filter.since ? { start_time: filter.since } : { seq: 1 };
  for await (const letter of readSubject(connection, {
    subject: filterSubject(filter),
    from,
    batch: BATCH,
  })) {
    // They lie in the order of their time.
    if (filter.until && letter.deadAt >= filter.until) return;
    if (!matchesFilter(letter, filter)) continue;
    yield letter;
    if (--left <= 0) return;
  }
}

export interface SubjectRead {
  subject: string;
  from: Start;
  /** How many to ask for at once. */
  batch: number;
}

/** The dead letters of a subject, oldest first. @throws MillraceError `STORAGE_UNAVAILABLE` */
export async function* readSubject(
  connection: MillraceConnection,
  { subject, from, batch }: SubjectRead,
): AsyncGenerator<DeadLetter> {
  for (let start = from; ;) {
    const letters = await readBatch(connection, { subject, from: start, batch });
    yield* letters;
    const last = letters.at(-1);
    if (!last) return;
    start = { seq: Number(last.id) + 1 };
  }
}

/** One stored message; `undefined` where there is none. @throws MillraceError `STORAGE_UNAVAILABLE` */
export const findStored = async (
  { jsm }: MillraceConnection,
  stream: string,
  seq: number,
): Promise<StoredMsg | undefined> => {
  try {
    return (await jsm.streams.getMessage(stream, { seq })) ?? undefined;
  } catch (error) {
    if (isApiError(error, ApiErrorCode.MessageNotFound, ApiErrorCode.StreamNotFound)) return undefined;
    throw lettersUnreachable(error);
  }
};

type Start = { seq: number } | { start_time: Date };

const readBatch = async (
  { jsm }: MillraceConnection,
  { subject, from, batch }: SubjectRead,
): Promise<DeadLetter[]> => {
  const query = { ...from, next_by_subj: subject, batch };
  const letters: DeadLetter[] = [];
  try {
    for await (const stored of await jsm.direct.getBatch(DEAD_LETTERS, query)) {
      letters.push(toDeadLetter(stored));
    }
  } catch (error) {
    // "No messages" is how the server says that the list is over.
    if (letters.length === 0 && !isEndOfList(error)) throw lettersUnreachable(error);
  }
  return letters;
};

const isEndOfList = (error: unknown): boolean =>
  isApiError(error, ApiErrorCode.MessageNotFound) ||
  (error instanceof Error && 'code' in error && error.code === 404);

import { ApiErrorCode, isApiError, MillraceConnection, readHeaders } from '@millrace/core';
import { StoredMsg } from '@nats-io/jetstream';
import { occurrenceId, readFacts } from '../keeping/occurrence.headers.js';
import { OCCURRENCES, occurrencesOf, outcomeSubject } from '../keeping/occurrence.stream.js';
import { OutcomeKind, OutcomeRecord } from './outcome.js';

/** One occurrence of a schedule, and what became of it. */
export interface PastOccurrence {
  readonly id: string;
  readonly scheduledFor: Date;
  readonly firedAt: Date;
  readonly missed: boolean;
  readonly manual: boolean;
  /** Of its handler's last attempt; `stored` for an event, and until there is one. */
  readonly outcome: OutcomeKind | 'stored';
  readonly attempt: number | undefined;
  /** How long that attempt took. Milliseconds. */
  readonly durationMs: number | undefined;
  readonly error: string | undefined;
}

/** How many messages the server is asked for at a time. */
const PAGE = 500;

/** The last occurrences of a schedule, newest first. */
export const readHistory = async (
  connection: MillraceConnection,
  schedule: string,
  last: number,
): Promise<PastOccurrence[]> => {
  const [occurrences, outcomes] = await Promise.all([
    readAll(connection, occurrencesOf(schedule)),
    readAll(connection, outcomeSubject(schedule)),
  ]);
  const attempts = new Map<string, OutcomeRecord>();
  for (const { data } of outcomes) {
    const record = connection.codec.decode(data) as OutcomeRecord;
    attempts.set(record.occurrence, record);
  }
  return occurrences
    .flatMap((message) => pastOccurrence(message, attempts))
    .slice(-last)
    .reverse();
};

const pastOccurrence = (
  { header }: StoredMsg,
  attempts: ReadonlyMap<string, OutcomeRecord>,
): PastOccurrence[] => {
  const facts = readFacts(readHeaders(header));
  if (!facts) return [];
  const id = occurrenceId(facts);
  const attempt = attempts.get(id);
  return [
    {
      id,
      scheduledFor: new Date(facts.scheduledFor),
      firedAt: new Date(facts.firedAt),
      missed: facts.missed,
      manual: facts.manual,
      outcome: attempt?.outcome ?? 'stored',
      attempt: attempt?.attempt,
      durationMs: attempt?.durationMs,
      error: attempt?.error,
    },
  ];
};

// As many as the stream keeps of one subject: bounded by its configuration.
const readAll = async ({ jsm }: MillraceConnection, subject: string): Promise<StoredMsg[]> => {
  const found: StoredMsg[] = [];
  for (let seq = 1; ; seq = (found.at(-1)?.seq ?? 0) + 1) {
    const before = found.length;
    try {
      const query = { seq, next_by_subj: subject, batch: PAGE };
      for await (const message of await jsm.direct.getBatch(OCCURRENCES, query)) found.push(message);
    } catch (error) {
      if (!isEndOfList(error)) throw error;
    }
    if (found.length - before < PAGE) return found;
  }
};

const isEndOfList = (error: unknown): boolean =>
  isApiError(error, ApiErrorCode.MessageNotFound) ||
  (error instanceof Error && 'code' in error && error.code === 404);

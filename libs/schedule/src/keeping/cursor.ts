import { ApiErrorCode, HeaderMap, isApiError, MillraceConnection, readHeaders } from '@millrace/core';
import { Progress } from '../planning/planner.js';
import { OccurrenceFacts, readFacts } from './occurrence.headers.js';
import { OCCURRENCES, occurrencesOf } from './occurrence.stream.js';

/** How far a schedule has come, and the message that says so. */
export interface Cursor extends Progress {
  /** The sequence of its last occurrence, triggered ones included; 0 where there is none. */
  readonly sequence: number;
}

export const NO_OCCURRENCE: Cursor = { last: undefined, runs: 0, sequence: 0 };

/** How far a schedule has come once an occurrence of it is stored. */
export const cursorAfter = (facts: OccurrenceFacts, sequence: number): Cursor => ({
  last: facts.cursor,
  runs: facts.run,
  sequence,
});

/** Reads how far a schedule has come, from the leader of the stream: nothing that was stored is missed. */
export const readCursor = async ({ jsm }: MillraceConnection, schedule: string): Promise<Cursor> => {
  try {
    const message = await jsm.streams.getMessage(OCCURRENCES, { last_by_subj: occurrencesOf(schedule) });
    if (!message) return NO_OCCURRENCE;
    const headers: HeaderMap = readHeaders(message.header);
    const facts = readFacts(headers);
    // What a foreign client put there says nothing of the schedule, but is its last message all the same.
    return facts ? cursorAfter(facts, message.seq) : { ...NO_OCCURRENCE, sequence: message.seq };
  } catch (error) {
    if (isApiError(error, ApiErrorCode.MessageNotFound)) return NO_OCCURRENCE;
    throw error;
  }
};

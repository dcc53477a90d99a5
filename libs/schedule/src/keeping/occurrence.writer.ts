import { ApiErrorCode, HeaderName, MillraceConnection, PublishError } from '@millrace/core';
import { Planned } from '../planning/planner.js';
import { ScheduleRecord } from '../record/schedule.record.js';
import { Cursor, cursorAfter } from './cursor.js';
import { encodeOccurrence } from './occurrence.encoder.js';
import { OccurrenceFacts, occurrenceId } from './occurrence.headers.js';
import { occurrencesOf } from './occurrence.stream.js';

/** What became of an attempt to store an occurrence. */
export type WriteOutcome =
  | { readonly kind: 'stored'; readonly cursor: Cursor; readonly id: string }
  /** The schedule has come further than its cursor said. */
  | { readonly kind: 'overtaken' };

const EXPECTED_SUBJECT = `${HeaderName.ExpectedLastSubjectSequence}-Subject`;

/**
 * Stores occurrences, each on the condition that the schedule has had no other since its cursor was known. The
 * server compares and writes as one, so two writers never store one occurrence twice, whoever leads.
 */
export class OccurrenceWriter {
  constructor(private readonly connection: MillraceConnection) {}

  /** @throws PublishError where the server did not answer: the occurrence may be stored all the same. */
  fire(record: ScheduleRecord, { scheduledFor, missed }: Planned, cursor: Cursor): Promise<WriteOutcome> {
    return this.store(record, cursor, {
      schedule: record.name,
      scheduledFor,
      firedAt: this.connection.clock.now(),
      missed,
      run: cursor.runs + 1,
      manual: false,
      cursor: scheduledFor,
    });
  }

  /** An occurrence beside the plan, which it leaves as it is. */
  trigger(record: ScheduleRecord, cursor: Cursor): Promise<WriteOutcome> {
    const now = this.connection.clock.now();
    return this.store(record, cursor, {
      schedule: record.name,
      scheduledFor: now,
      firedAt: now,
      missed: false,
      run: cursor.runs,
      manual: true,
      cursor: cursor.last,
    });
  }

  private async store(record: ScheduleRecord, cursor: Cursor, facts: OccurrenceFacts): Promise<WriteOutcome> {
    const { publisher, codec } = this.connection;
    const request = encodeOccurrence(record, facts, codec);
    request.headers.set(HeaderName.ExpectedLastSubjectSequence, String(cursor.sequence));
    request.headers.set(EXPECTED_SUBJECT, occurrencesOf(record.name));
    try {
      const { sequence, duplicate } = await publisher.publish(request);
      // Of another process, or of an attempt of ours whose answer was lost: where it lies is to be read.
      if (duplicate) return { kind: 'overtaken' };
      return { kind: 'stored', cursor: cursorAfter(facts, sequence), id: occurrenceId(facts) };
    } catch (error) {
      if (error instanceof PublishError && error.serverCode === ApiErrorCode.WrongLastSequence) {
        return { kind: 'overtaken' };
      }
      throw error;
    }
  }
}

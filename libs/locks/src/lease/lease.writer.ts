import { headers as createHeaders, nuid } from '@nats-io/transport-node';
import {
  ApiErrorCode,
  delay,
  HeaderName,
  MillraceConnection,
  PublishError,
  toServerSeconds,
} from '@millrace/core';
import { LeasePublisher } from './lease.publisher.js';
import { encodeRecord, endOf, GIVEN_UP, LeaseHeader, LeaseRecord } from './lease.record.js';
import { leaseStream } from './lease.subjects.js';

/** The sequence that a write expects: of its own subject, or of the newest message that `filter` matches. */
export interface Expectation {
  sequence: number;
  filter?: string | undefined;
}

export interface LeaseWrite {
  subject: string;
  /** `null` gives the record up. */
  record: LeaseRecord | null;
  serverTtl: string;
  expected?: Expectation | undefined;
  deadlineMs?: number | undefined;
}

export type LeaseWriteOutcome =
  | { kind: 'stored'; sequence: number }
  /** The expectation did not hold, and nothing was written. `own` is what stands under the subject, if anything. */
  | { kind: 'conflict'; own: number | undefined };

/** How long the end of a record stays visible; afterwards a name leaves nothing behind in the bucket. */
export const MARKER_TTL_MS = 5000;
const MARKER_TTL = toServerSeconds(MARKER_TTL_MS);
const READ_DEADLINE_MS = 5000;
const READ_PAUSE_MS = 50;
/** The server cannot say which sequence it has instead, since another write is on its way. */
const WRONG_LAST_SEQUENCE_UNKNOWN = 10164;
const NOTHING = new Uint8Array();

/** Writes records, and finds out what became of a write whose answer was lost. */
export class LeaseWriter {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly publisher: LeasePublisher,
    private readonly bucket: string,
  ) {}

  /** @throws PublishError whose `mayBeStored` tells whether the write may have happened. */
  async write({ subject, record, serverTtl, expected, deadlineMs }: LeaseWrite): Promise<LeaseWriteOutcome> {
    const messageId = nuid.next();
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, messageId);
    headers.set(HeaderName.Ttl, serverTtl);
    if (record === null) headers.set(LeaseHeader.Operation, GIVEN_UP);
    if (expected) {
      headers.set(HeaderName.ExpectedLastSubjectSequence, String(expected.sequence));
      if (expected.filter !== undefined) headers.set(LeaseHeader.ExpectedFilter, expected.filter);
    }
    const payload = record === null ? NOTHING : encodeRecord(record);
    try {
      const { sequence } = await this.publisher.publish({ subject, payload, headers, deadlineMs });
      return { kind: 'stored', sequence };
    } catch (error) {
      if (!isConflict(error)) throw error;
      // Refused each time it was sent, and not about a record of ours: nothing to find out.
      if (!error.mayBeStored && expected?.filter !== undefined) return { kind: 'conflict', own: undefined };
      return await this.settle(subject, messageId, error);
    }
  }

  /** Gives a record up, or, without an expectation, whatever stands or may come to stand under the subject. */
  giveUp(subject: string, expected?: Expectation, deadlineMs?: number): Promise<LeaseWriteOutcome> {
    return this.write({ subject, record: null, serverTtl: MARKER_TTL, expected, deadlineMs });
  }

  // The server compares sequences before message ids, so a write whose first answer was lost conflicts with
  // itself when it is sent again. Only we write the subject: what stands there is ours.
  private async settle(
    subject: string,
    messageId: string,
    refusal: PublishError,
  ): Promise<LeaseWriteOutcome> {
    const newest = await this.newest(subject, refusal);
    if (newest?.header.get(HeaderName.MessageId) === messageId) {
      return { kind: 'stored', sequence: newest.seq };
    }
    const stands = newest !== undefined && endOf(newest.header) === undefined;
    return { kind: 'conflict', own: stands ? newest.seq : undefined };
  }

  private async newest(subject: string, refusal: PublishError) {
    const { jsm, clock } = this.connection;
    const deadline = clock.monotonic() + READ_DEADLINE_MS;
    for (;;) {
      try {
        const found = await jsm.streams.getMessage(leaseStream(this.bucket), { last_by_subj: subject });
        return found ?? undefined;
      } catch (error) {
        if (this.connection.nc.isClosed() || clock.monotonic() > deadline) {
          throw unsettled(refusal, error);
        }
        await delay(READ_PAUSE_MS);
      }
    }
  }
}

const isConflict = (error: unknown): error is PublishError =>
  error instanceof PublishError &&
  (error.serverCode === ApiErrorCode.WrongLastSequence || error.serverCode === WRONG_LAST_SEQUENCE_UNKNOWN);

const unsettled = (refusal: PublishError, cause: unknown): PublishError =>
  new PublishError(refusal.code, 'A write to the lease bucket was not confirmed', {
    remedy: 'Check that NATS is reachable',
    mayBeStored: refusal.mayBeStored,
    serverCode: refusal.serverCode,
    cause,
  });

import { configInvalid, ErrorCode, HeaderName, MillraceConnection } from '@millrace/core';
import { MAX_BATCH_MESSAGES } from './batch.writer.js';
import { valueSubject } from './bucket.subjects.js';
import { assertFits } from './conditional.publisher.js';
import { Entry } from './entry.js';
import { OutboxEncoder } from './outbox.encoder.js';
import { ValueCodec } from './value.codec.js';
import { valueMessage, WireHeader, WireMessage } from './wire.message.js';

/** What a commit decided about a key. */
export interface CommitDecision<T extends object> {
  /** The new value; `null` deletes the key; `undefined` leaves it as it is. */
  readonly state?: T | null | undefined;
  /** Instances of the event classes that the bucket declares. */
  readonly events?: readonly object[] | undefined;
}

export interface CommitResult<T extends object> {
  /** What the key has now; `undefined` for no value. */
  readonly value: T | undefined;
  /** Its revision; of a key without a value, that of its deletion, or 0. */
  readonly revision: number;
  /** The ids (`ce-id`) of the events, in order. */
  readonly eventIds: readonly string[];
}

/** What a decision was based on. */
export interface Basis<T extends object> {
  key: string;
  current: Entry<T> | undefined;
  /** The key's last sequence, a deletion's included; 0 for none. */
  sequence: number;
}

export interface CommitPlan<T extends object> {
  /** To be written together; none when there is nothing to write. */
  messages: readonly WireMessage[];
  /** What the commit comes to, once its last message is stored under `sequence`. */
  result: (sequence: number) => CommitResult<T>;
}

export interface CommitPlannerParts<T extends object> {
  connection: MillraceConnection;
  bucket: string;
  values: ValueCodec<T>;
  outbox: OutboxEncoder;
}

/** Turns decisions into messages. */
export class CommitPlanner<T extends object> {
  constructor(private readonly parts: CommitPlannerParts<T>) {}

  /** @throws `VALUE_INVALID`, `VALUE_TOO_LARGE`, `EVENT_INVALID`, `EVENT_TOO_LARGE`, `CONTRACT_UNKNOWN`. */
  async plan(basis: Basis<T>, { state, events = [] }: CommitDecision<T>): Promise<CommitPlan<T>> {
    if (events.length >= MAX_BATCH_MESSAGES) {
      throw configInvalid(
        `A commit of ${events.length} events is not possible`,
        `Commit at most ${MAX_BATCH_MESSAGES - 1} at once`,
      );
    }
    const entries = await Promise.all(events.map((event) => this.event(event)));
    const eventIds = entries.map(({ messageId }) => messageId);
    const unchanged = state === undefined || (state === null && basis.current === undefined);
    if (unchanged) {
      this.expectUnchanged(entries[0], basis);
      const result = { value: basis.current?.value, revision: basis.sequence, eventIds };
      return { messages: entries, result: () => result };
    }
    const { message, value } = await this.state(basis, state);
    // The state comes last: the sequence that the server confirms is then its revision.
    return { messages: [...entries, message], result: (revision) => ({ value, revision, eventIds }) };
  }

  private async event(event: object): Promise<WireMessage> {
    const message = await this.parts.outbox.encode(event);
    assertFits(this.parts.connection, message, ErrorCode.EventTooLarge);
    return message;
  }

  private async state(
    { key, sequence }: Basis<T>,
    state: T | null,
  ): Promise<{ message: WireMessage; value: T | undefined }> {
    const { bucket, connection, values } = this.parts;
    const encoded = state === null ? undefined : await values.encode(key, state);
    const message = valueMessage(bucket, { key, payload: encoded?.payload ?? null, expected: sequence });
    assertFits(connection, message, ErrorCode.ValueTooLarge);
    return { message, value: encoded?.instance };
  }

  // Events were decided on what the key had: they stand only while it still has that.
  private expectUnchanged(first: WireMessage | undefined, { key, sequence }: Basis<T>): void {
    first?.headers.set(HeaderName.ExpectedLastSubjectSequence, String(sequence));
    first?.headers.set(WireHeader.ExpectedSubject, valueSubject(this.parts.bucket, key));
  }
}

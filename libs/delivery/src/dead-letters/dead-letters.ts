import { JetStreamApiError } from '@nats-io/jetstream';
import { ErrorCode, MillraceConnection, MillraceError } from '@millrace/core';
import { DeadLetter } from './dead-letter.js';
import { bodyGone, lettersUnreachable, unknownDeadLetter } from './dead-letter.errors.js';
import { DeadLetterFilter } from './dead-letter.filter.js';
import { replayHeaders } from './dead-letter.headers.js';
import { findStored, readLetters, toDeadLetter } from './dead-letter.reader.js';
import { DEAD_LETTERS } from './dead-letter.stream.js';
import { KeyReleaser, ReleasedKey, ReleaseResult } from '../ordered/key.releaser.js';
import { watchLetters, WatchOptions } from './dead-letter.watch.js';

export interface ReplayOptions {
  /** In place of the body that could not be handled. */
  body?: Uint8Array;
}

/** Looks through the dead letters, replays and discards them. */
export class DeadLetters {
  constructor(private readonly connection: MillraceConnection) {}

  /** The dead letters that match, oldest first. @throws MillraceError `STORAGE_UNAVAILABLE` */
  list(filter: DeadLetterFilter = {}): AsyncGenerator<DeadLetter> {
    return readLetters(this.connection, filter);
  }

  /**
   * The dead letters that match as they are stored, from now on or from `filter.since`, until `signal` aborts.
   * @throws MillraceError `STORAGE_UNAVAILABLE`
   */
  watch(filter: DeadLetterFilter, options: WatchOptions): AsyncGenerator<DeadLetter> {
    return watchLetters(this.connection, filter, options);
  }

  /** @throws MillraceError `DEAD_LETTER_UNKNOWN` */
  async get(id: string): Promise<DeadLetter> {
    const stored = await findStored(this.connection, DEAD_LETTERS, sequenceOf(id));
    if (!stored) throw unknownDeadLetter(id);
    return toDeadLetter(stored);
  }

  /** The original's body, wherever it lies. @throws MillraceError `DEAD_LETTER_BODY_GONE` */
  async body({ id, original, body, bodyLeft }: DeadLetter): Promise<Uint8Array> {
    if (!bodyLeft) return body;
    const stored = await findStored(this.connection, original.stream, original.sequence);
    // A stream made anew counts from 1 again. What an ordered group had was stored for it a little later.
    if (!stored || stored.time > original.time) {
      throw bodyGone(id, original.stream, original.sequence);
    }
    return stored.data;
  }

  /**
   * Publishes the event again, for the group that failed only: key, headers and idempotency key stay. The
   * dead letter is gone afterwards. Interrupted in between, it can be replayed again without a duplicate
   * within the duplicate window of the event's stream (2 minutes by default).
   * @returns where the event is stored now.
   * @throws MillraceError `DEAD_LETTER_UNKNOWN`, `DEAD_LETTER_BODY_GONE`, or what publishing throws.
   */
  async replay(id: string, { body }: ReplayOptions = {}): Promise<{ stream: string; sequence: number }> {
    const letter = await this.get(id);
    const { stream, sequence } = await this.connection.publisher.publish({
      subject: letter.original.subject,
      payload: body ?? (await this.body(letter)),
      headers: replayHeaders(letter, body),
    });
    try {
      await this.discard(id);
    } catch (error) {
      // Two at once: the event is stored once, and one of them finds the dead letter gone.
      if (!MillraceError.is(error, ErrorCode.DeadLetterUnknown)) throw error;
    }
    return { stream, sequence };
  }

  /**
   * Replays all dead letters of one key of a group in their order. Of a group that parks, the key is free once the
   * last of them is handled; where one fails again, it and those behind it are dead letters again, in order.
   * @throws MillraceError what {@link replay} throws.
   */
  release(key: ReleasedKey): Promise<ReleaseResult> {
    return new KeyReleaser(this.connection, this).release(key);
  }

  /** Deletes the dead letter. @throws MillraceError `DEAD_LETTER_UNKNOWN` */
  async discard(id: string): Promise<void> {
    const sequence = sequenceOf(id);
    try {
      await this.connection.jsm.streams.deleteMessage(DEAD_LETTERS, sequence, false);
    } catch (error) {
      throw error instanceof JetStreamApiError ? unknownDeadLetter(id, error) : lettersUnreachable(error);
    }
  }
}

const sequenceOf = (id: string): number => {
  const sequence = Number(id);
  if (Number.isSafeInteger(sequence) && sequence > 0) return sequence;
  throw unknownDeadLetter(id);
};

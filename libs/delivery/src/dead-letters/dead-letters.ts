import { JetStreamApiError, StoredMsg } from '@nats-io/jetstream';
import {
  ApiErrorCode,
  encodeKey,
  ErrorCode,
  errorMessage,
  isApiError,
  MillraceConnection,
  MillraceError,
  NO_KEY,
  readHeaders,
} from '@millrace/core';
import { DeadLetter, readDeadLetter } from './dead-letter.js';
import { replayHeaders } from './dead-letter.headers.js';
import { DEAD_LETTERS, DEAD_ROOT } from './dead-letter.stream.js';

export interface DeadLetterFilter {
  context?: string;
  /** Without its context, as in `paid`. */
  event?: string;
  group?: string;
  /** `null`: those without a key. */
  key?: string | null;
  /** How many at the most. Default: all. */
  limit?: number;
}

const BATCH = 100;

/** Looks through the dead letters, replays and discards them. */
export class DeadLetters {
  constructor(private readonly connection: MillraceConnection) {}

  /** The dead letters that match, oldest first. */
  async *list(filter: DeadLetterFilter = {}): AsyncGenerator<DeadLetter> {
    const key = filter.key === undefined ? '*' : filter.key === null ? NO_KEY : encodeKey(filter.key);
    const subject = [DEAD_ROOT, filter.context ?? '*', filter.event ?? '*', filter.group ?? '*', key].join(
      '.',
    );
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (let from = 1; left > 0;) {
      const batch = await this.read(subject, from, Math.min(left, BATCH));
      yield* batch;
      const last = batch.at(-1);
      if (!last) return;
      from = Number(last.id) + 1;
      left -= batch.length;
    }
  }

  /** @throws MillraceError `DEAD_LETTER_UNKNOWN` */
  async get(id: string): Promise<DeadLetter> {
    return this.find(DEAD_LETTERS, sequenceOf(id)).then((stored) => {
      if (!stored) throw unknownDeadLetter(id);
      return toDeadLetter(stored);
    });
  }

  /**
   * Publishes the event again, for the group that failed only: key, headers and idempotency key stay. The
   * dead letter is gone afterwards. Interrupted in between, it can be replayed again without a duplicate.
   * @returns where the event is stored now.
   * @throws MillraceError `DEAD_LETTER_UNKNOWN`, or what publishing throws.
   */
  async replay(id: string): Promise<{ stream: string; sequence: number }> {
    const letter = await this.get(id);
    const { stream, sequence } = await this.connection.publisher.publish({
      subject: letter.original.subject,
      payload: letter.bodyLeft ? await this.bodyLeftBehind(letter) : letter.body,
      headers: replayHeaders(letter.headers, letter.group, id),
    });
    await this.discard(id);
    return { stream, sequence };
  }

  /** Deletes the dead letter. @throws MillraceError `DEAD_LETTER_UNKNOWN` */
  async discard(id: string): Promise<void> {
    const sequence = sequenceOf(id);
    try {
      await this.connection.jsm.streams.deleteMessage(DEAD_LETTERS, sequence, false);
    } catch (error) {
      throw error instanceof JetStreamApiError ? unknownDeadLetter(id, error) : unreachable(error);
    }
  }

  private async bodyLeftBehind({ id, original }: DeadLetter): Promise<Uint8Array> {
    const stored = await this.find(original.stream, original.sequence);
    if (!stored) throw unknownDeadLetter(id, new Error(`${original.stream} ${original.sequence} is gone`));
    return stored.data;
  }

  private async find(stream: string, seq: number): Promise<StoredMsg | undefined> {
    try {
      return (await this.connection.jsm.streams.getMessage(stream, { seq })) ?? undefined;
    } catch (error) {
      if (isApiError(error, ApiErrorCode.MessageNotFound)) return undefined;
      throw unreachable(error);
    }
  }

  private async read(subject: string, from: number, count: number): Promise<DeadLetter[]> {
    const query = { seq: from, next_by_subj: subject, batch: count };
    const letters: DeadLetter[] = [];
    try {
      for await (const stored of await this.connection.jsm.direct.getBatch(DEAD_LETTERS, query)) {
        letters.push(toDeadLetter(stored));
      }
    } catch (error) {
      // "No messages" is how the server says that the list is over.
      if (letters.length === 0 && !isEndOfList(error)) throw unreachable(error);
    }
    return letters;
  }
}

const isEndOfList = (error: unknown): boolean =>
  isApiError(error, ApiErrorCode.MessageNotFound) ||
  (error instanceof Error && 'code' in error && error.code === 404);

const sequenceOf = (id: string): number => {
  const sequence = Number(id);
  if (Number.isSafeInteger(sequence) && sequence > 0) return sequence;
  throw unknownDeadLetter(id);
};

const toDeadLetter = ({ subject, seq, header, data, time }: StoredMsg): DeadLetter =>
  readDeadLetter({ subject, sequence: seq, headers: readHeaders(header), body: data, time });

const unreachable = (cause: unknown): MillraceError =>
  new MillraceError(ErrorCode.StorageUnavailable, `The dead letters cannot be read: ${errorMessage(cause)}`, {
    remedy: 'Check that NATS is reachable, then ask again',
    cause,
  });

const unknownDeadLetter = (id: string, cause?: unknown): MillraceError =>
  new MillraceError(ErrorCode.DeadLetterUnknown, `There is no dead letter '${id}'`, {
    remedy: 'List the dead letters: it may have been replayed or discarded',
    details: { id },
    cause,
  });

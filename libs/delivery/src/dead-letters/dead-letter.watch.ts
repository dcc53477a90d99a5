import { DeliverPolicy } from '@nats-io/jetstream';
import { MillraceConnection, readHeaders } from '@millrace/core';
import { DeadLetter, readDeadLetter } from './dead-letter.js';
import { lettersUnreachable } from './dead-letter.errors.js';
import { DeadLetterFilter, filterSubject, matchesFilter } from './dead-letter.filter.js';
import { DEAD_LETTERS } from './dead-letter.stream.js';

export interface WatchOptions {
  signal: AbortSignal;
}

/** A consumer that was lost is found out after this, plus a heartbeat or two. */
const EXPIRES_MS = 4000;

/** The dead letters that match as they are stored. Reconnects by itself; the server keeps nothing of it. */
export async function* watchLetters(
  { js }: MillraceConnection,
  filter: DeadLetterFilter,
  { signal }: WatchOptions,
): AsyncGenerator<DeadLetter> {
  const messages = await js.consumers
    .get(DEAD_LETTERS, {
      filter_subjects: filterSubject(filter),
      ...(filter.since
        ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: filter.since.toISOString() }
        : { deliver_policy: DeliverPolicy.New }),
    })
    .then((consumer) => consumer.consume({ expires: EXPIRES_MS }))
    .catch((error: unknown) => {
      throw lettersUnreachable(error);
    });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  try {
    for await (const { subject, seq, headers, data, time } of messages) {
      const stored = { subject, sequence: seq, headers: readHeaders(headers), body: data, time };
      const letter = readDeadLetter(stored);
      if (!matchesFilter(letter, filter)) continue;
      yield letter;
      if (--left <= 0) return;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}

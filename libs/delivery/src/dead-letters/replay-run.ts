import { Clock, delay, ErrorCode, MillraceError } from '@millrace/core';
import { DeadLetters } from './dead-letters.js';

/** What became of one dead letter of a run. */
export type Replayed =
  | { readonly kind: 'replayed'; readonly id: string; readonly stream: string; readonly sequence: number }
  /** Somebody else replayed or discarded it meanwhile. */
  | { readonly kind: 'gone'; readonly id: string }
  /** It stays; the others go on. */
  | { readonly kind: 'failed'; readonly id: string; readonly error: MillraceError };

export interface ReplayRunOptions {
  clock: Clock;
  /** At the most, evenly spread. Default: as fast as it goes. */
  perSecond?: number;
  /** Ends the run between two dead letters: what was begun is finished, the rest stays. */
  signal?: AbortSignal;
}

/** Failures of one dead letter, that say nothing about the next. */
const OF_ONE_LETTER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCode.DeadLetterBodyGone,
  ErrorCode.EventTooLarge,
  ErrorCode.PublishNoStream,
  ErrorCode.PublishRejected,
]);

/**
 * Replays one dead letter after the other, in the order given. Begun again after an interruption, it goes on
 * with what is left.
 * @param ids taken beforehand: an event that fails again makes a new dead letter, which a running list would meet.
 * @throws what keeps the others from being replayed too.
 */
export async function* replayEach(
  letters: DeadLetters,
  ids: readonly string[],
  { clock, perSecond, signal }: ReplayRunOptions,
): AsyncGenerator<Replayed> {
  const startedAt = clock.monotonic();
  for (const [at, id] of ids.entries()) {
    if (perSecond !== undefined) {
      await delay(Math.max(0, startedAt + (at * 1000) / perSecond - clock.monotonic()), signal);
    }
    if (signal?.aborted) return;
    yield await replayOne(letters, id);
  }
}

const replayOne = async (letters: DeadLetters, id: string): Promise<Replayed> => {
  try {
    return { kind: 'replayed', id, ...(await letters.replay(id)) };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    if (error.code === ErrorCode.DeadLetterUnknown) return { kind: 'gone', id };
    if (OF_ONE_LETTER.has(error.code)) return { kind: 'failed', id, error };
    throw error;
  }
};

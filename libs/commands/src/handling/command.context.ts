import { HeaderMap } from '@millrace/core';

/** What a handler is told of the command beside the command itself: what `@Context()` gives it. */
export abstract class CommandContext {
  /** The command's name, as in `user.register`. */
  abstract readonly type: string;
  /** A request: sent and answered at once. A task: dispatched, stored, and handled at least once. */
  abstract readonly kind: 'request' | 'task';
  abstract readonly headers: HeaderMap;
  /** 1 for the first delivery of a task; always 1 for a request. */
  abstract readonly attempt: number;
  /** Aborts when the caller gives up, the time is up, or the application stops and can wait no longer. */
  abstract readonly signal: AbortSignal;
  /** Milliseconds until the caller stops waiting; `Infinity` where it waits for as long as it takes. */
  abstract readonly remainingMs: number;
  /** The caller's key, or the task's id: the same for every try. `undefined` for a request without a key. */
  abstract readonly idempotencyKey: string | undefined;
  /**
   * Tells whoever follows the task how far it has come. Does nothing for a request.
   * @param fraction 0 to 1
   */
  abstract progress(fraction: number, note?: string): void;
}

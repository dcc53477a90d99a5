import {
  ClosedConnectionError,
  DrainingConnectionError,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { MillraceConnection, TimerHandle } from '@millrace/core';
import { storageUnavailable } from './storage.errors.js';

/** After an answer that says "not now". */
const RETRY_MS = 100;
/** After no answer: a stream's leader can die while the connection, to another node, lives on. */
const OVERDUE_MS = 1000;

export interface PatientRequest<A> {
  /** What is asked, as errors show it. */
  what: string;
  /** How long it may take altogether. */
  timeoutMs: number;
  /** Sends one request. Must be safe to repeat. */
  send: () => Promise<A>;
}

const isFinal = (error: unknown): boolean =>
  error instanceof ClosedConnectionError ||
  error instanceof DrainingConnectionError ||
  error instanceof PermissionViolationError;

/**
 * Asks the server until it answers: again after a reconnect, since the answer to an earlier request is lost
 * with its connection, again when the answer is overdue, and again while no leader is elected.
 * @throws MillraceError `STORAGE_UNAVAILABLE` after `timeoutMs`, or at once when the connection is closed.
 */
export const askPatiently = <A>(
  { clock, health }: MillraceConnection,
  { what, timeoutMs, send }: PatientRequest<A>,
): Promise<A> =>
  new Promise((resolve, reject) => {
    let newest = 0;
    let lastError: unknown;
    let retry: TimerHandle | undefined;
    let done = false;

    const finish = (settle: () => void): void => {
      if (done) return;
      done = true;
      timeout.cancel();
      retry?.cancel();
      // The first status arrives while `subscribe` still runs.
      queueMicrotask(() => statuses.unsubscribe());
      settle();
    };
    const giveUp = (): void => finish(() => reject(storageUnavailable(what, timeoutMs, lastError)));
    const attempt = (): void => {
      const mine = ++newest;
      retry?.cancel();
      retry = clock.after(OVERDUE_MS, attempt);
      send().then(
        (answer) => finish(() => resolve(answer)),
        (error: unknown) => {
          if (done || mine !== newest) return;
          lastError = error;
          if (isFinal(error)) return giveUp();
          retry?.cancel();
          retry = clock.after(RETRY_MS, attempt);
        },
      );
    };

    const timeout = clock.after(timeoutMs, giveUp);
    const statuses = health.changes.subscribe({
      next: ({ state }) => {
        if (!done && state === 'connected') attempt();
      },
      complete: giveUp,
    });
  });

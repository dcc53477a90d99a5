import { Clock, ErrorCode, isPending, MillraceError } from '@millrace/core';

export interface TimeLimit {
  timeoutMs: number;
  clock: Clock;
}

/** What `task` comes to, or the error of `onLate` where it takes longer; it goes on all the same. */
export const withinTime = <T>(
  task: () => T | PromiseLike<T>,
  { timeoutMs, clock }: TimeLimit,
  onLate: () => Error,
): Promise<T> =>
  new Promise((resolve, reject) => {
    // Started first: where it throws at once, no timer is left behind.
    const working = task();
    if (!isPending(working)) return resolve(working);
    const timer = clock.after(timeoutMs, () => reject(onLate()));
    void Promise.resolve(working)
      .finally(() => timer.cancel())
      .then(resolve, reject);
  });

export const handlerTimedOut = (timeoutMs: number, details: Record<string, unknown>): MillraceError =>
  new MillraceError(ErrorCode.HandlerTimeout, `The handler ran past its ${timeoutMs} ms`, {
    remedy: "Raise the subscriber's timeout, or let the handler stop when message.signal aborts",
    details: { timeoutMs, ...details },
  });

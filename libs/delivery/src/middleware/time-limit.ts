import { Clock, ErrorCode, MillraceError } from '@millrace/core';

export interface TimeLimit {
  timeoutMs: number;
  clock: Clock;
}

/** What `task` comes to, or the error of `onLate` where it takes longer; it goes on all the same. */
export const withinTime = <T>(
  task: () => Promise<T>,
  { timeoutMs, clock }: TimeLimit,
  onLate: () => Error,
): Promise<T> =>
  new Promise((resolve, reject) => {
    // Started first: where it throws at once, no timer is left behind.
    const working = task();
    const timer = clock.after(timeoutMs, () => reject(onLate()));
    void working.finally(() => timer.cancel()).then(resolve, reject);
  });

export const handlerTimedOut = (timeoutMs: number, details: Record<string, unknown>): MillraceError =>
  new MillraceError(ErrorCode.HandlerTimeout, `The handler ran past its ${timeoutMs} ms`, {
    remedy: "Raise the subscriber's timeout, or let the handler stop when message.signal aborts",
    details: { timeoutMs, ...details },
  });

import { Clock, ErrorCode, MillraceError } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { Outcome } from '../outcome/outcome.js';
import { Middleware } from './middleware.js';

/** Aborts the message's signal and fails the attempt when a handler takes longer than `timeoutMs`. */
export const timeout =
  <M extends Delivery>(timeoutMs: number, clock: Clock): Middleware<M> =>
  (next) =>
  (message) =>
    new Promise<Outcome>((resolve, reject) => {
      // Started first: where it throws at once, no timer is left behind.
      const handling = next(message);
      const timer = clock.after(timeoutMs, () => {
        const error = new MillraceError(
          ErrorCode.HandlerTimeout,
          `The handler ran past its ${timeoutMs} ms`,
          {
            remedy: "Raise the subscriber's timeout, or let the handler stop when message.signal aborts",
            details: { timeoutMs, group: message.group, attempt: message.attempt },
          },
        );
        message.abort(error);
        reject(error);
      });
      void handling.finally(() => timer.cancel()).then(resolve, reject);
    });

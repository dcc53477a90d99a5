import { Clock } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { Middleware } from './middleware.js';
import { handlerTimedOut, withinTime } from './time-limit.js';

/** Aborts the message's signal and fails the attempt when a handler takes longer than `timeoutMs`. */
export const timeout =
  <M extends Delivery>(timeoutMs: number, clock: Clock): Middleware<M> =>
  (next) =>
  (message) =>
    withinTime(
      () => next(message),
      { timeoutMs, clock },
      () => {
        const { group, attempt } = message;
        const error = handlerTimedOut(timeoutMs, { group, attempt });
        message.abort(error);
        return error;
      },
    );

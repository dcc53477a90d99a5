import { assertNever, Log } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { Middleware } from './middleware.js';

/** Logs what did not go well: a retry as a warning, a dead letter as an error. Never the body. */
export const logging =
  <M extends Delivery>(log: Log): Middleware<M> =>
  (next) =>
  async (message) => {
    const outcome = await next(message);
    const what = `${message.group}: ${message.subject} (${message.stream} ${message.sequence}, attempt ${message.attempt})`;
    switch (outcome.kind) {
      case 'ack':
        break;
      case 'retry':
        log.warn(`${what} failed, again in ${outcome.delayMs} ms: ${outcome.cause.message}`);
        break;
      case 'dead-letter':
        log.error(`${what} goes to the dead letters: ${outcome.cause.message}`, outcome.cause.stack);
        break;
      default:
        assertNever(outcome);
    }
    return outcome;
  };

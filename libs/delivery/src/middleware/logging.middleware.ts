import { assertNever, Log } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { Middleware } from './middleware.js';

/** Logs what did not go well: a retry as a warning, a dead letter as an error. Never the body. */
export const logging =
  <M extends Delivery>(log: Log): Middleware<M> =>
  (next) =>
  async (message) => {
    const outcome = await next(message);
    switch (outcome.kind) {
      case 'ack':
        break;
      case 'retry':
        log.warn(`${described(message)} failed, again in ${outcome.delayMs} ms: ${outcome.cause.message}`);
        break;
      case 'dead-letter':
        log.error(
          `${described(message)} goes to the dead letters: ${outcome.cause.message}`,
          outcome.cause.stack,
        );
        break;
      default:
        assertNever(outcome);
    }
    return outcome;
  };

const described = ({ group, subject, stream, sequence, attempt }: Delivery): string =>
  `${group}: ${subject} (${stream} ${sequence}, attempt ${attempt})`;

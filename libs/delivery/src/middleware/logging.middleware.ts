import { assertNever, Log, isPending } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { Outcome } from '../outcome/outcome.js';
import { Middleware } from './middleware.js';

/** Logs what did not go well: a retry as a warning, a dead letter as an error. Never the body. */
export const logging =
  <M extends Delivery>(log: Log): Middleware<M> =>
  (next) =>
  (message) => {
    const outcome = next(message);
    if (isPending(outcome)) return outcome.then((known) => told(log, message, known));
    return told(log, message, outcome);
  };

const told = (log: Log, message: Delivery, outcome: Outcome): Outcome => {
  tell(log, message, outcome);
  return outcome;
};

const tell = (log: Log, message: Delivery, outcome: Outcome): void => {
  switch (outcome.kind) {
    case 'ack':
      return;
    case 'retry':
      return log.warn(
        `${described(message)} failed, again in ${outcome.delayMs} ms: ${outcome.cause.message}`,
      );
    case 'dead-letter':
      return log.error(
        `${described(message)} goes to the dead letters: ${outcome.cause.message}`,
        outcome.cause.stack,
      );
    default:
      assertNever(outcome);
  }
};

const described = ({ group, subject, stream, sequence, attempt }: Delivery): string =>
  `${group}: ${subject} (${stream} ${sequence}, attempt ${attempt})`;

import { assertNever, ErrorCode, MillraceError } from '@millrace/core';
import { Advisory } from './advisory.js';

/** Why the server gave a message up, as the cause of its dead letter. */
export const causeOf = (advisory: Advisory): MillraceError => {
  const { kind, deliveries, consumer, reason, at } = advisory;
  const details = { consumer, deliveries, reason, at: at.toISOString() };
  switch (kind) {
    case 'terminated':
      return new MillraceError(
        ErrorCode.MessageTerminated,
        `A client of ${consumer} terminated it${reason === undefined ? '' : `: ${reason}`}`,
        { remedy: 'Ask whoever answered +TERM, then replay the dead letter', details },
      );
    case 'exhausted':
      return new MillraceError(
        ErrorCode.AttemptsExhausted,
        `The server delivers no more than the ${deliveries} times that ${consumer} allows (max_deliver)`,
        { remedy: 'Look for a handler that failed or never answered, then replay the dead letter', details },
      );
    default:
      return assertNever(kind);
  }
};

import { Log, validateEvent } from '@millrace/core';
import { noteFailure } from './failure.note.js';
import { Publication, PublishMiddleware } from './publication.js';

/** Refuses an event that breaks its contract: nothing invalid reaches the wire. */
export const validate =
  (log: Log): PublishMiddleware =>
  (next) =>
  (publication) => {
    try {
      const checked = validateEvent(publication.contract, publication.event);
      if (!(checked instanceof Promise)) return next(publication);
      return checked.then(
        () => next(publication),
        (error: unknown) => refuse(log, publication, error),
      );
    } catch (error) {
      return refuse(log, publication, error);
    }
  };

const refuse = (log: Log, { contract }: Publication, error: unknown): Promise<never> => {
  noteFailure(log, contract.type, error);
  return Promise.reject(error);
};

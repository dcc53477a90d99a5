import { Log, validateEvent } from '@millrace/core';
import { noteFailure } from './failure.note.js';
import { PublishMiddleware } from './publication.js';

/** Refuses an event that breaks its contract: nothing invalid reaches the wire. */
export const validate =
  (log: Log): PublishMiddleware =>
  (next) =>
  (publication) => {
    const { contract, event } = publication;
    const refuse = (error: unknown): Promise<never> => {
      noteFailure(log, contract.type, error);
      return Promise.reject(error);
    };
    let checked: object | Promise<object>;
    try {
      checked = validateEvent(contract, event);
    } catch (error) {
      return refuse(error);
    }
    return checked instanceof Promise ? checked.then(() => next(publication), refuse) : next(publication);
  };

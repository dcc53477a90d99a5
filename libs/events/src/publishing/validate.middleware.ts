import { validateEvent } from '@millrace/core';
import { PublishMiddleware } from './publication.js';

/** Refuses an event that breaks its contract: nothing invalid reaches the wire. */
export const validate: PublishMiddleware = (next) => (publication) => {
  let checked: unknown;
  try {
    checked = validateEvent(publication.contract, publication.event);
  } catch (error) {
    return Promise.reject(error);
  }
  return checked instanceof Promise ? checked.then(() => next(publication)) : next(publication);
};

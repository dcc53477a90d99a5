import { errorMessage, Log } from '@millrace/core';
import { PublishMiddleware } from './publication.js';

/** Logs publishes that failed. Never the body. */
export const logFailures =
  (log: Log): PublishMiddleware =>
  (next) =>
  (publication) => {
    const published = next(publication);
    published.catch((error: unknown) =>
      log.warn(`${publication.contract.type} was not published: ${errorMessage(error)}`),
    );
    return published;
  };

import { errorMessage, Log } from '@millrace/core';
import { PublishMiddleware } from './publication.js';

/** Notes publishes that failed, for debugging: whoever publishes gets the error and decides. Never the body. */
export const logFailures =
  (log: Log): PublishMiddleware =>
  (next) =>
  (publication) => {
    const published = next(publication);
    published.catch((error: unknown) =>
      log.debug(`${publication.contract.type} was not published: ${errorMessage(error)}`),
    );
    return published;
  };

import { errorMessage, Log } from '@millrace/core';

/** Notes a publish that failed, for debugging: whoever publishes gets the error and decides. Never the body. */
export const noteFailure = (log: Log, what: string, error: unknown): void =>
  log.debug(`${what} was not published: ${errorMessage(error)}`);

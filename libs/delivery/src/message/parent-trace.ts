import { currentTrace, HeaderName } from '@millrace/core';
import { currentMessage } from './current-message.js';

/** The `traceparent` that what the running code sends is to continue: of the message it handles, or what runs it. */
export const parentTrace = (): string | undefined => {
  const message = currentMessage();
  return message ? message.header(HeaderName.TraceParent) : currentTrace();
};

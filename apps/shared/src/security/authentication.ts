import { IncomingMessage, ServerResponse } from 'node:http';
import { ApiKeys } from './api-keys.js';
import { identify, setIdentity } from './caller.js';

/** Finds out who sends a request. Refuses nobody: what a caller may do is for the route to say. */
export const authenticate =
  (keys: ApiKeys) =>
  (request: IncomingMessage, _response: ServerResponse, next: () => void): void => {
    setIdentity(request, identify(request.headers.authorization, keys));
    next();
  };

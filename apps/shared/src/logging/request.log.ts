import { Logger } from '@nestjs/common';
import { Request, RequestHandler, Response } from 'express';
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { childTrace, HeaderName, withTrace } from '@millrace/core';
import { isUnlimited } from '../http/rate.limits.js';
import { actorOf } from '../security/caller.js';
import { withLogFields } from './log.fields.js';

export const REQUEST_ID = 'X-Request-Id';

const GIVEN_ID = /^[\w.:-]{1,64}$/;
/** Stands for what is no route: a path may hold anything, and so none is logged. */
const NO_ROUTE = '-';

interface Exchange {
  request: Request;
  response: Response;
  startedAt: number;
}

/**
 * Begins the trace of a request, or goes on with that of its `traceparent`, for all that it leads to; tells it
 * and the request's id in the answer; and logs a line when that is sent, or the client has left.
 */
export const logRequests = (): RequestHandler => {
  const log = new Logger('Request');
  return (request, response, next) => {
    const startedAt = performance.now();
    const trace = childTrace(request.get(HeaderName.TraceParent));
    const given = request.get(REQUEST_ID) ?? '';
    const requestId = GIVEN_ID.test(given) ? given : randomUUID();
    response.setHeader(HeaderName.TraceParent, trace);
    response.setHeader(REQUEST_ID, requestId);
    withTrace(trace, () =>
      withLogFields({ requestId }, () => {
        // A socket's events belong to no request.
        const tell = AsyncResource.bind(() => tellOf(log, { request, response, startedAt }));
        response.once('close', tell);
        next();
      }),
    );
  };
};

const tellOf = (log: Logger, { request, response, startedAt }: Exchange): void => {
  const facts = {
    method: request.method,
    route: routeOf(request),
    status: response.statusCode,
    ms: Math.round((performance.now() - startedAt) * 10) / 10,
    actor: actorOf(request),
    ...(response.writableFinished ? {} : { aborted: true }),
  };
  if (isUnlimited(request.path)) log.debug('health asked', facts);
  else log.log('answered', facts);
};

/** The route's pattern, as in `/orders/:id`. */
const routeOf = ({ route, baseUrl }: Request): string => {
  const path: unknown = typeof route === 'object' && route !== null ? Reflect.get(route, 'path') : undefined;
  return typeof path === 'string' ? baseUrl + path : NO_ROUTE;
};

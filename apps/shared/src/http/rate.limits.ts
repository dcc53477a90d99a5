import { HttpException, HttpStatus } from '@nestjs/common';
import { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, type Options, rateLimit } from 'express-rate-limit';
import { ANYBODY, identityOf } from '../security/caller.js';
import { HttpConfig, rateLimitOf } from './http.config.js';

const WINDOW_MS = 60_000;
const UNAUTHORIZED: number = HttpStatus.UNAUTHORIZED;
const HEALTH = /^\/health(\/|$)/;

/** Whoever asks whether the app lives must get an answer. */
export const isUnlimited = (path: string): boolean => HEALTH.test(path);

const COMMON: Partial<Options> = {
  windowMs: WINDOW_MS,
  standardHeaders: 'draft-8',
  legacyHeaders: false,
  // Headers of proxies are believed by Express alone, where TRUST_PROXIES says so.
  validate: false,
  handler: (_request, _response, next) =>
    next(
      new HttpException(
        { code: 'RATE_LIMITED', message: 'Too many requests; try again later' },
        HttpStatus.TOO_MANY_REQUESTS,
      ),
    ),
};

/** Bounds what one caller may ask of this replica. Counts are in memory: replicas do not share them. */
export const rateLimits = (config: HttpConfig): RequestHandler[] => {
  const limit = rateLimitOf(config);
  return [refusedLimit(config.RATE_LIMIT_REFUSED), ...(limit === 0 ? [] : [callerLimit(limit)])];
};

// Of requests with a right key it takes no notice: guessing from an address does not shut out others there.
const refusedLimit = (limit: number): RequestHandler =>
  rateLimit({
    ...COMMON,
    identifier: 'refused',
    limit,
    keyGenerator: addressOf,
    skip: (request) => isUnlimited(request.path) || identityOf(request).kind === 'known',
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request: Request, response: Response) => response.statusCode !== UNAUTHORIZED,
  });

const callerLimit = (limit: number): RequestHandler =>
  rateLimit({
    ...COMMON,
    identifier: 'caller',
    limit,
    keyGenerator: callerOf,
    skip: ({ path }) => isUnlimited(path),
  });

const addressOf = ({ ip }: Request): string => ipKeyGenerator(ip ?? '');

const callerOf = (request: Request): string => {
  const identity = identityOf(request);
  return identity.kind === 'known' && identity.caller !== ANYBODY
    ? `key ${identity.caller.name}`
    : `address ${addressOf(request)}`;
};

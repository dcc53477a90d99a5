import { NestExpressApplication } from '@nestjs/platform-express';
import { IncomingMessage } from 'node:http';
import { ApiKeys } from '../security/api-keys.js';
import { authenticate } from '../security/authentication.js';
import { identityOf } from '../security/caller.js';
import { logRequests, REQUEST_ID } from '../logging/request.log.js';
import { HttpConfig } from './http.config.js';
import { rateLimits } from './rate.limits.js';
import { securityHeaders } from './security.headers.js';

const BODY_LIMIT = '128kb';
const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i;

/** What a browser's page may read of an answer beside the usual. */
const EXPOSED = ['Retry-After', 'RateLimit', 'RateLimit-Policy', 'traceparent', REQUEST_ID];

/** Everything that a request passes before it is routed. */
export const shield = (app: NestExpressApplication, config: HttpConfig): void => {
  app.disable('x-powered-by');
  app.set('trust proxy', config.TRUST_PROXIES);
  app.use(logRequests());
  app.use(securityHeaders());
  if (config.CORS_ORIGINS !== undefined) {
    app.enableCors({
      origin: config.CORS_ORIGINS.split(',').map((origin) => origin.trim()),
      exposedHeaders: EXPOSED,
    });
  }
  app.use(authenticate(config.API_KEYS === undefined ? ApiKeys.none : ApiKeys.parse(config.API_KEYS)));
  app.use(rateLimits(config));
  app.useBodyParser('json', { limit: BODY_LIMIT, type: isReadable });
};

// Nobody's bodies are read who cannot send requests anyway.
const isReadable = (request: IncomingMessage): boolean =>
  identityOf(request).kind === 'known' && JSON_TYPE.test(request.headers['content-type'] ?? '');

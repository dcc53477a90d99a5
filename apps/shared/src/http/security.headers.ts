import { RequestHandler } from 'express';
import helmet from 'helmet';

const DOCS = /^\/docs(\/|$)/;

/** Answers are data: a browser is to load nothing from them, and to show them in no frame. */
const DATA = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** The page of the API's description, which comes with all it needs. */
const PAGE = {
  ...DATA,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

const withPolicy = (directives: Record<string, string[]>): RequestHandler =>
  helmet({ contentSecurityPolicy: { useDefaults: false, directives } });

/** The headers that make browsers careful. */
export const securityHeaders = (): RequestHandler => {
  const [data, page] = [withPolicy(DATA), withPolicy(PAGE)];
  return (request, response, next) => (DOCS.test(request.path) ? page : data)(request, response, next);
};

import { getSchemaPath, OpenAPIObject } from '@nestjs/swagger';
import { ErrorDto } from './error.dto.js';
import { isUnlimited } from './rate.limits.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Answers = Operation['responses'];

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'] as const;

const answer = (description: string): Answers[string] => ({
  description,
  content: { 'application/json': { schema: { $ref: getSchemaPath(ErrorDto) } } },
});

const OF_LIMITED_ROUTES: Answers = {
  '429': answer('Too many requests; `Retry-After` says when to try again.'),
};

const OF_EVERY_ROUTE: Answers = {
  '500': answer('A bug; nothing of it is told.'),
};

const OF_ROUTES_WITH_KEYS: Answers = {
  '401': answer('There is no API key, or it is not known.'),
  '403': answer('The API key has not the scope.'),
};

/** Adds the answers that come from around the routes, so that no route need remember them. */
export const withCommonAnswers = (document: OpenAPIObject): OpenAPIObject => {
  for (const { path, operation } of operationsOf(document)) {
    operation.responses = {
      ...OF_EVERY_ROUTE,
      ...(isUnlimited(path) ? {} : OF_LIMITED_ROUTES),
      ...(isPublic(operation) ? {} : OF_ROUTES_WITH_KEYS),
      ...operation.responses,
    };
  }
  return document;
};

const operationsOf = ({ paths }: OpenAPIObject): { path: string; operation: Operation }[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.map((method) => item[method])
      .filter((operation) => operation !== undefined)
      .map((operation) => ({ path, operation })),
  );

// `@Public()` leaves a requirement that is always met.
const isPublic = ({ security }: Operation): boolean =>
  security?.some((requirement) => Object.keys(requirement).length === 0) ?? false;

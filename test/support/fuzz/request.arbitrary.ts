import * as fc from 'fast-check';
import { type Arbitrary } from 'fast-check';
import { hostileBytes, hostileText, hostileValue, jsonText } from './hostile.js';
import { type Sent } from './http.sender.js';
import { everyMutation, mutated } from './mutation.js';
import { type OpenApi, type Route, valueOf } from './openapi.js';

/** Requests to a route: right, nearly right, and wrong in every part. */
export const requestOf = (route: Route, api: OpenApi, knownIds: readonly string[]): Arbitrary<Sent> => {
  const { method } = route;
  const hasBody = !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
  return fc
    .record({ path: pathOf(route, api, knownIds), query: queryOf(route, api), headers: headersOf(hasBody) })
    .chain(({ path, query, headers }) =>
      (hasBody || 'content-length' in headers ? bodyOf(route, api, knownIds) : fc.constant(undefined)).map(
        (body) => ({
          method,
          path: query === '' ? path : `${path}?${query}`,
          headers: withLength(headers, body),
          body,
        }),
      ),
    );
};

/** Requests that are right but for one place of their body, each place in turn. */
export const systematicRequests = (route: Route, api: OpenApi, ids: readonly string[]): Sent[] => {
  const [id = ''] = ids;
  if (!route.body) return [];
  const [valid] = fc.sample(valueOf(route.body, api), { seed: 1, numRuns: 1 });
  return everyMutation(withIds(valid, id)).map((value) => {
    const body = asBytes(value);
    const path = route.path.replace(/\{[^}]+\}/g, id);
    return {
      method: route.method,
      path,
      headers: withLength({ 'content-type': 'application/json' }, body),
      body,
    };
  });
};

const withLength = (headers: Record<string, string>, body: Buffer | undefined): Record<string, string> =>
  body === undefined ? headers : { ...headers, 'content-length': String(body.length) };

// Every byte but the plain ones as %XX, so that any text can be sent, lone surrogates as what encoders make of them.
const escaped = (text: string): string =>
  [...Buffer.from(text.slice(0, 2000))]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[\w-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');

const RAW_PARTS = [
  '%',
  '%zz',
  '%ff',
  '%c0%ae',
  '%00',
  '%2f',
  '%2e%2e',
  '..',
  '.',
  '%E0%A4%A',
  '\u00ff',
  ';x=1',
  '%ed%a0%80',
  '*',
  ':id',
];
const rawPart = fc.constantFrom(...RAW_PARTS);

const partOf = (value: unknown): string => escaped(typeof value === 'string' ? value : jsonText(value));

const pathOf = ({ path, parameters }: Route, api: OpenApi, ids: readonly string[]): Arbitrary<string> => {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  const values = names.map((name) => {
    const schema = parameters.find((parameter) => parameter.in === 'path' && parameter.name === name)?.schema;
    return fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...ids).map(partOf) },
      { weight: 1, arbitrary: valueOf(schema ?? { type: 'string' }, api).map(partOf) },
      { weight: 3, arbitrary: hostileText.map(escaped) },
      { weight: 1, arbitrary: rawPart },
    );
  });
  return fc
    .tuple(...values)
    .map((parts) => names.reduce((made, name, at) => made.replace(`{${name}}`, () => parts[at] ?? ''), path));
};

const STRAY_QUERY = [
  '__proto__[polluted]=1',
  'constructor[prototype][x]=1',
  'limit[]=1',
  'limit=1&limit=2',
  'a[b][c][d][e][f]=1',
  '%',
  '%zz=1',
  '&&&',
  '=',
  'limit=1e3',
  'offset=-1',
  'x[99999999]=1',
];

const queryOf = ({ parameters }: Route, api: OpenApi): Arbitrary<string> => {
  const own = parameters.filter((parameter) => parameter.in === 'query');
  const pairs = own.map(({ name, schema }) =>
    fc.oneof(
      { weight: 2, arbitrary: valueOf(schema, api).map((value) => `${escaped(name)}=${partOf(value)}`) },
      { weight: 1, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: hostileText.map((text) => `${escaped(name)}=${escaped(text)}`) },
      { weight: 1, arbitrary: rawPart.map((part) => `${escaped(name)}=${part.replace('#', '')}`) },
    ),
  );
  const stray = fc.option(fc.constantFrom(...STRAY_QUERY), { nil: '', freq: 2 });
  return fc.tuple(stray, ...pairs).map((parts) => parts.filter((part) => part !== '').join('&'));
};

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/json; charset=nonsense',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/vnd.api+json',
  '',
  '/',
  '\u00e9',
];
const ODD_HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['traceparent', ['', 'x', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`, 'a'.repeat(4000)]],
  ['x-request-id', ['', '\u00e9', 'x'.repeat(4000), '"},{"a":']],
  ['authorization', ['', 'Bearer', 'Bearer  ', `Bearer ${'x'.repeat(5000)}`, 'Basic YTpi', '\u00ff']],
  ['content-encoding', ['gzip', 'deflate', 'br', 'zip', '\u00e9', 'gzip, gzip']],
  ['accept', ['', 'text/html', '*/*;q=x', 'application/xml']],
  ['accept-language', ['\u00e9'.repeat(50)]],
  ['x-forwarded-for', ['', 'x', '::1, '.repeat(200)]],
  ['x-forwarded-proto', ['javascript']],
  ['x-http-method-override', ['DELETE']],
  ['origin', ['null', 'https://evil.example.org']],
  ['if-none-match', ['*', '"x"']],
  ['range', ['bytes=0-', 'bytes=9-1']],
  ['last-event-id', ['', 'x', '-1', '99999999999999999999', '\u00ff'.repeat(100)]],
  ['cookie', ['__proto__=1; a=%zz']],
  ['expect', ['100-continue']],
];

const oddHeader = fc
  .constantFrom(...ODD_HEADERS)
  .chain(([name, values]) => fc.constantFrom(...values).map((value): [string, string] => [name, value]));

const headersOf = (hasBody: boolean): Arbitrary<Record<string, string>> =>
  fc
    .tuple(
      fc.oneof({ weight: 6, arbitrary: fc.constant('application/json') }, fc.constantFrom(...TYPES)),
      fc.array(oddHeader, { maxLength: 2 }),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([type, odd, chance]) => ({
      ...(hasBody || chance === 0 ? { 'content-type': type, 'content-length': '0' } : {}),
      ...Object.fromEntries(chance < 4 ? odd : []),
    }));

const bodyOf = ({ body }: Route, api: OpenApi, ids: readonly string[]): Arbitrary<Buffer | undefined> => {
  const valid = valueOf(body, api).chain((value) => fc.constantFrom(...ids).map((id) => withIds(value, id)));
  return fc.oneof(
    { weight: 8, arbitrary: mutated(valid).map(asBytes) },
    { weight: 2, arbitrary: hostileValue.map(asBytes) },
    { weight: 2, arbitrary: hostileBytes },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(Buffer.alloc(140_000, '[')) },
  );
};

const asBytes = (value: unknown): Buffer => Buffer.from(jsonText(value));

// Whatever asks for an id may have one that there is.
const withIds = (value: unknown, id: string): unknown =>
  typeof value === 'object' && value !== null && 'userId' in value ? { ...value, userId: id } : value;

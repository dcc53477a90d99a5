import * as fc from 'fast-check';
import { type Arbitrary } from 'fast-check';

/** Stand in JSON text for numbers that JavaScript has none of; see `jsonText`. */
const RAW_NUMBERS = ['1e999', '-1e999', '1e-999', '123456789012345678901234567890', '-0', '1E+2'];
const RAW = (number: string): string => `@raw ${number}@`;

const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'lone\udfff@example.org',
  'a\ud800@example.org',
  '\ufeff',
  '\u202e\u0000\n\r\t',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '../../etc/passwd',
  '$KV.users.>',
  'events.>',
  '*',
  '>',
  '.',
  '_',
  '=',
  '%00',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '${7*7}',
  '9999-99-99T99:99:99Z',
  '+275760-09-13T00:00:00.001Z',
  'P1Y',
  '99999999999999h',
  '* * * * * *',
  '0 0 30 2 *',
  'Mars/Olympus',
  'x'.repeat(300),
  '🙂'.repeat(200),
  'é'.normalize('NFD').repeat(64),
];

export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40, unit: 'binary' }) },
  { weight: 1, arbitrary: fc.integer({ min: 500, max: 70_000 }).map((length) => 'y'.repeat(length)) },
);

const PROPERTIES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  '\ud800',
  'a.b',
  '$where',
];

export const hostileProperty: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...PROPERTIES),
  fc.string({ maxLength: 10 }),
);

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

const ODDITIES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  1e21,
  2 ** 53,
  1e308,
  5e-324,
  [],
  {},
  [[]],
  [null],
  [{}],
  { length: -1 },
  { length: 1e9 },
];

/** Anything that JSON can say, and what it can hardly. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(...ODDITIES),
  },
  { weight: 1, arbitrary: fc.constantFrom(...RAW_NUMBERS).map(RAW) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 400 }).map(nested) },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 5 }) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.tuple(hostileProperty, fc.oneof(hostileText, fc.constant({ polluted: true }))), {
        maxLength: 4,
      })
      .map((entries) => Object.fromEntries(entries)),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 100, max: 5000 }).map((length) => Array<number>(length).fill(1)),
  },
);

/** JSON, with numbers in it that JavaScript would not write. */
export const jsonText = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(/"@raw ([^"@]+)@"/g, '$1');

const deep = (open: string, close: string): Arbitrary<string> =>
  fc.constantFrom(100, 3000, 12_000).map((depth) => open.repeat(depth) + close.repeat(depth));

/** Bytes that are no JSON, or that no reader expects. */
export const hostileBytes: Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .oneof(
      fc.constantFrom(
        '',
        ' ',
        '{',
        '}',
        '[',
        '"',
        'null',
        'true',
        '1',
        '""',
        '[]',
        '{"a":1,}',
        "{'a':1}",
        'NaN',
        '{}{}',
      ),
      fc.constantFrom(
        '\ufeff{}',
        '{"a":1e999}',
        '{"a":"\\ud800"}',
        '{"a":1,"a":2}',
        '{"__proto__":null}',
        '\u0000',
      ),
      deep('[', ']'),
      deep('{"a":', '}'),
      fc.constantFrom('[', '{"a":').map((open) => open.repeat(20_000)),
      hostileValue.map(jsonText),
      hostileValue.map((value) => jsonText(value).slice(0, -1)),
    )
    .map((text) => Buffer.from(text)),
  fc
    .constantFrom('utf16le' as const, 'latin1' as const)
    .map((encoding) => Buffer.from('{"a":"é"}', encoding)),
);

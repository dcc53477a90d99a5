import { jsonCodec } from './json.codec.js';

it('writes plain JSON in UTF-8, and reads it back', () => {
  const value = { text: 'é🙂', list: [1, null, true], nested: { '': 0 } };
  const bytes = jsonCodec.encode(value);
  expect(Buffer.from(bytes).toString('utf8')).toBe(JSON.stringify(value));
  expect(jsonCodec.decode(bytes)).toEqual(value);
  expect(jsonCodec.contentType).toBe('application/json');
});

it('reports bytes that are not UTF-8 instead of patching them', () => {
  expect(() => jsonCodec.decode(Uint8Array.from([0x22, 0xff, 0x22]))).toThrow(/not valid/);
});

it.each([
  'secret',
  '{"secret',
  '{"a": secret}',
  '["secret"',
  '"secret',
  '{"a":1}secret',
  `["${'secret'.repeat(50)}" x]`,
])('does not quote what it cannot read: %s', (text) => {
  const decode = (): unknown => jsonCodec.decode(Buffer.from(text));
  expect(decode).toThrow(/JSON/);
  expect(decode).not.toThrow(/secret/);
});

it.each(['', '{', 'undefined', '{"a":1}x'])('refuses %p', (text) => {
  expect(() => jsonCodec.decode(Buffer.from(text))).toThrow(SyntaxError);
});

import { headers as createHeaders } from '@nats-io/transport-node';
import { hostileText, randomFrom } from '../random.fixture.js';
import { thrownBy } from '../thrown.fixture.js';
import { isReservedHeader, isServerHeader } from './header-names.js';
import { assertUserHeaders, decodeAttribute, encodeAttribute, readHeaders } from './header-value.js';

describe('attributes', () => {
  it.each([
    ['plain-ASCII_~!', 'plain-ASCII_~!'],
    ['a b', 'a%20b'],
    ['"', '%22'],
    ['100%', '100%25'],
    ['é', '%C3%A9'],
    ['🙂', '%F0%9F%99%82'],
    ['a\r\nb: c', 'a%0D%0Ab:%20c'],
    ['\u007f', '%7F'],
    ['', ''],
  ])('writes %j as %s, and back', (text, value) => {
    expect(encodeAttribute(text)).toBe(value);
    expect(decodeAttribute(value)).toBe(text);
  });

  it('survives a header whatever the text, unchanged', () => {
    const random = randomFrom(11);
    for (let round = 0; round < 5_000; round++) {
      const text = hostileText(random);
      const headers = createHeaders();
      headers.set('ce-subject', encodeAttribute(text));
      expect(headers.get('ce-subject')).toMatch(/^[\x21-\x7e]*$/);
      expect(decodeAttribute(headers.get('ce-subject'))).toBe(text);
    }
  });

  it.each(['100%', '%zz', '%C3', '%ED%A0%80'])('lets the malformed %s stand for itself', (value) => {
    expect(decodeAttribute(value)).toBe(value);
  });
});

it('reads headers as plain data, the first value of each', () => {
  const headers = createHeaders();
  headers.append('a', '1');
  headers.append('a', '2');
  headers.append('B', '');
  expect(readHeaders(headers)).toEqual({ a: '1', B: '' });
  expect(readHeaders(undefined)).toEqual({});
});

it('tells the reserved families, in any case', () => {
  expect(['Nats-TTL', 'nats-x', 'CE-id', 'Millrace-Group'].map(isReservedHeader)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['x-nats', 'content-type', 'ceid', 'traceparent'].map(isReservedHeader)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(['NATS-Msg-Id', 'ce-id'].map(isServerHeader)).toEqual([true, false]);
});

it('takes ordinary user headers', () => {
  expect(() => assertUserHeaders({ 'x-tenant': 'é 🙂', a: '', "!#$%&'*+.^_`|~": 'v' })).not.toThrow();
});

it.each([
  ['Nats-Msg-Id', 'x', 'reserved'],
  ['nats-schedule', 'x', 'reserved'],
  ['ce-anything', 'x', 'reserved'],
  ['MILLRACE-x', 'x', 'reserved'],
  ['', 'x', 'malformed'],
  ['a b', 'x', 'malformed'],
  ['a:b', 'x', 'malformed'],
  ['é', 'x', 'malformed'],
  ['a', 'x\r\nNats-TTL: 1s', 'malformed'],
  ['a\r\nNats-TTL', '1s', 'malformed'],
  ['a', 'x\n', 'malformed'],
])('refuses the header %j: %j as %s', (name, value, why) => {
  const error = thrownBy(() => assertUserHeaders({ ok: '1', [name]: value }));
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) });
});

import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { encodeAttribute, encodeKey } from '@millrace/core';
import { isMarker, keyOfToken } from './stored.record.js';

const headersOf = (values: Record<string, string>): MsgHdrs => {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
};

describe('isMarker', () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ 'KV-Operation': 'PUT' }, false],
    [{ 'KV-Operation': 'DEL' }, true],
    [{ 'KV-Operation': 'PURGE' }, true],
    [{ 'Nats-Marker-Reason': 'MaxAge' }, true],
    [{ 'Nats-Marker-Reason': 'Purge' }, true],
  ])('of %j is %s', (values, expected) => {
    expect(isMarker(headersOf(values))).toBe(expected);
  });

  it('is false without headers', () => {
    expect(isMarker(undefined)).toBe(false);
  });
});

describe('keyOfToken', () => {
  it.each(['plain', 'a b', '', '_', '😀'])('gives back %j', (key) => {
    expect(keyOfToken(encodeKey(key), undefined)).toBe(key);
  });

  it('takes a long key from its header', () => {
    const key = 'é'.repeat(5000);
    expect(keyOfToken(encodeKey(key), headersOf({ 'ce-subject': encodeAttribute(key) }))).toBe(key);
  });

  it.each(['a.b', 'a/b', '=zz', '=61', '_'])('knows no key for the foreign token %j', (token) => {
    expect(keyOfToken(token, undefined)).toBeUndefined();
  });

  it('knows no key for a hashed token whose header is missing or another’s', () => {
    const token = encodeKey('x'.repeat(1000));
    expect(keyOfToken(token, undefined)).toBeUndefined();
    expect(keyOfToken(token, headersOf({ 'ce-subject': 'y' }))).toBeUndefined();
  });
});

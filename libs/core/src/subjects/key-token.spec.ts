import { createHash } from 'node:crypto';
import { MillraceError } from '../errors/millrace.error.js';
import { hostileText, randomFrom } from '../random.fixture.js';
import { thrownBy } from '../thrown.fixture.js';
import { decodeKey, encodeKey, isHashedToken, MAX_TOKEN_LENGTH, tokenMatchesKey } from './key-token.js';

// ADR-8's alphabet for keys of a bucket, without the separator; a subject token allows it too.
const LEGAL = /^[-=_a-zA-Z0-9]{1,256}$/;

describe('encodeKey', () => {
  it.each([
    ['order-1_A', 'order-1_A'],
    ['', '='],
    ['_', '=5F'],
    ['__', '__'],
    ['=', '=3D'],
    ['a b.c', 'a=20b=2Ec'],
    ['*', '=2A'],
    ['>', '=3E'],
    ['é', '=C3=A9'],
    ['🙂', '=F0=9F=99=82'],
    ['\0', '=00'],
    ['\ufeffbom', '=EF=BB=BFbom'],
    ['x'.repeat(MAX_TOKEN_LENGTH), 'x'.repeat(MAX_TOKEN_LENGTH)],
  ])('writes %j as %s, and back', (key, token) => {
    expect(encodeKey(key)).toBe(token);
    expect(decodeKey(token)).toBe(key);
    expect(tokenMatchesKey(token, key)).toBe(true);
  });

  it('gives every string a legal token of its own, reversibly', () => {
    const random = randomFrom(20260102);
    const keyOfToken = new Map<string, string>();
    // Jest's own comparisons, one by one, take longer than everything else here together.
    const wrong: string[] = [];
    for (let round = 0; round < 20_000; round++) {
      const key = hostileText(random);
      const token = encodeKey(key);
      const isRight =
        LEGAL.test(token) &&
        token !== '_' &&
        (keyOfToken.get(token) ?? key) === key &&
        decodeKey(token) === (isHashedToken(token) ? token : key) &&
        tokenMatchesKey(token, key) &&
        !tokenMatchesKey(token, `${key}x`);
      if (!isRight) wrong.push(`${JSON.stringify(key)} as ${token}`);
      keyOfToken.set(token, key);
    }
    expect(wrong).toEqual([]);
    expect(keyOfToken.size).toBeGreaterThan(15_000);
  });

  it('gives every single code point a token of its own', () => {
    const tokens = new Set<string>();
    for (let point = 0; point <= 0x10ffff; point += point < 0x3000 ? 1 : 97) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const key = String.fromCodePoint(point);
      const token = encodeKey(key);
      if (decodeKey(token) !== key || tokens.has(token))
        throw new Error(`U+${point.toString(16)} as ${token}`);
      tokens.add(token);
    }
    expect(tokens.size).toBeGreaterThan(0x3000);
  });

  it.each([
    ['10 KiB', 'k'.repeat(10_240)],
    ['one character too many', 'k'.repeat(MAX_TOKEN_LENGTH + 1)],
    ['short, but long once escaped', '.'.repeat(100)],
    ['emoji', '🙂'.repeat(2_560)],
  ])('hashes what does not fit: %s', (_name, key) => {
    const token = encodeKey(key);
    expect(token).toBe(`==${createHash('sha256').update(key, 'utf8').digest('base64url')}`);
    expect(token).toMatch(LEGAL);
    expect(isHashedToken(token)).toBe(true);
    expect(tokenMatchesKey(token, key)).toBe(true);
    expect(tokenMatchesKey(token, `${key}k`)).toBe(false);
    expect(encodeKey(`${key}k`)).not.toBe(token);
  });

  it('escapes a key that looks like a hash', () => {
    const key = encodeKey('k'.repeat(1000));
    expect(isHashedToken(key)).toBe(true);
    expect(isHashedToken(encodeKey(key))).toBe(false);
    expect(decodeKey(encodeKey(key))).toBe(key);
  });

  it.each(['\ud800', 'a\udc00b', '\ud83d', '\udc00\ud800', `${'x'.repeat(5000)}\ud800`])(
    'refuses %j, half of a surrogate pair, rather than give it the token of another key',
    (key) => {
      expect(thrownBy(() => encodeKey(key))).toMatchObject({ code: 'KEY_INVALID' });
      expect(tokenMatchesKey(encodeKey('\ufffd'), key)).toBe(false);
    },
  );

  it('refuses every string with a lone surrogate, and no other', () => {
    const random = randomFrom(7);
    const refused = (key: string): boolean => {
      try {
        encodeKey(key);
        return false;
      } catch (error) {
        return MillraceError.is(error, 'KEY_INVALID');
      }
    };
    const wrong: string[] = [];
    let illFormed = 0;
    for (let round = 0; round < 5_000; round++) {
      const key = hostileText(random, true);
      const survives = Buffer.from(key, 'utf8').toString('utf8') === key;
      if (refused(key) === survives) wrong.push(JSON.stringify(key));
      if (!survives) illFormed++;
    }
    expect(wrong).toEqual([]);
    expect(illFormed).toBeGreaterThan(1000);
  });
});

describe('decodeKey', () => {
  it.each([
    'naïve',
    'a=2',
    'a=2e',
    'a=ZZ',
    '==',
    '=FF',
    '=C3',
    '=ED=A0=80',
    '=41',
    'a=5F',
    '=C0=AE',
    'a@b',
    '🙂',
    '=3D=41',
    '=20'.repeat(200),
  ])('lets the foreign token %s stand for itself', (token) => {
    expect(decodeKey(token)).toBe(token);
  });

  it('gives two tokens of one stream two keys, unless a foreign one stands for itself', () => {
    expect(decodeKey('=41')).not.toBe(decodeKey('A'));
  });
});

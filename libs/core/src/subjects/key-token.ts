import { createHash } from 'node:crypto';
import { ErrorCode } from '../errors/error-codes.js';
import { MillraceError } from '../errors/millrace.error.js';
import { isUnicodeText } from './unicode-text.js';

/**
 * Any string as one subject token, reversibly.
 *
 * Letters, digits, `-` and `_` stand for themselves. Every other byte of the UTF-8 form is written `=XX`
 * (upper-case hex), the escape of quoted-printable (RFC 2045, section 6.7): `a b.c` becomes `a=20b=2Ec`.
 * The alphabet is legal in NATS subjects and in JetStream KV keys alike. The empty string is `=`; a lone
 * `_` is escaped, since that token means "no key".
 *
 * A server cuts the connection on a subject past its control line (4 KiB by default), so a token longer
 * than {@link MAX_TOKEN_LENGTH} is written as `==` and the SHA-256 of the key in base64url. Such a token
 * cannot be reversed by itself: the message carries the whole key in its `ce-subject` header.
 *
 * A string with a lone surrogate has no UTF-8 form. It is refused: patching it with U+FFFD, as encoders do,
 * would give two keys one token.
 */
export const MAX_TOKEN_LENGTH = 256;

const PLAIN = /^[A-Za-z0-9_-]+$/;
const HASHED = /^==[A-Za-z0-9_-]{43}$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const isPlainByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2d ||
  byte === 0x5f;

const escape = (key: string): string => {
  let token = '';
  for (const byte of encoder.encode(key)) {
    token += isPlainByte(byte)
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token;
};

const hashToken = (key: string): string => `==${createHash('sha256').update(key).digest('base64url')}`;

const keyInvalid = (key: string): MillraceError =>
  new MillraceError(ErrorCode.KeyInvalid, `The key ${JSON.stringify(key.slice(0, 64))} is not Unicode text`, {
    remedy: 'It holds half of a surrogate pair: cut text between characters, not within one',
  });

/** The subject token of a key. @throws MillraceError `KEY_INVALID` for a lone surrogate. */
export const encodeKey = (key: string): string => {
  if (key.length <= MAX_TOKEN_LENGTH && PLAIN.test(key) && key !== '_') return key;
  if (key === '') return '=';
  if (key === '_') return '=5F';
  if (!isUnicodeText(key)) throw keyInvalid(key);
  const token = escape(key);
  return token.length <= MAX_TOKEN_LENGTH ? token : hashToken(key);
};

/** Whether the key had to be hashed: only a header can tell it. */
export const isHashedToken = (token: string): boolean => HASHED.test(token);

/** Whether `key` is what `token` stands for. */
export const tokenMatchesKey = (token: string, key: string): boolean =>
  isUnicodeText(key) && encodeKey(key) === token;

/**
 * The key of a subject token. A token that this grammar did not write (a foreign publisher's) stands for
 * itself, and so does a hashed one.
 */
export const decodeKey = (token: string): string => {
  if (PLAIN.test(token) || isHashedToken(token)) return token;
  if (token === '=') return '';
  const bytes: number[] = [];
  for (let at = 0; at < token.length; at++) {
    if (token[at] !== '=') {
      bytes.push(...encoder.encode(token[at] ?? ''));
      continue;
    }
    const hex = token.slice(at + 1, at + 3);
    if (!/^[0-9A-F]{2}$/.test(hex)) return token;
    bytes.push(Number.parseInt(hex, 16));
    at += 2;
  }
  try {
    const key = decoder.decode(Uint8Array.from(bytes));
    // An escape that was not needed is foreign too: `=41` must not pass for the key `A`.
    return encodeKey(key) === token ? key : token;
  } catch {
    return token;
  }
};

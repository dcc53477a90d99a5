import { isTlsError } from './tls-error.js';

const withCode = (code: string, cause?: unknown): Error =>
  Object.assign(new Error('failed', { cause }), { code });

it.each([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
])('knows %s, and as a cause', (code) => {
  expect(isTlsError(withCode(code))).toBe(true);
  expect(isTlsError(new Error('outside', { cause: withCode('OTHER', withCode(code)) }))).toBe(true);
});

it('goes by the code, not by names in the text', () => {
  expect(isTlsError(withCode('ECONNREFUSED'))).toBe(false);
  expect(isTlsError(new Error('getaddrinfo ENOTFOUND tls-certificate.internal'))).toBe(false);
  expect(isTlsError('tls')).toBe(false);
});

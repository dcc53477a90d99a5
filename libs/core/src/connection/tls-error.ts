// Node's names for what OpenSSL refuses: its own errors, and the reasons of a failed verification.
const TLS_CODE =
  /^(?:ERR_(?:TLS|SSL|OSSL)_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH)/;

/** Whether `error`, or what caused it, says that the two sides do not agree on TLS. */
export const isTlsError = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && typeof error.code === 'string' && TLS_CODE.test(error.code)) return true;
  return 'cause' in error && isTlsError(error.cause);
};

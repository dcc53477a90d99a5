import { Codec } from './codec.js';

const encoder = new TextEncoder();
// Fatal: bytes that are not UTF-8 are an error to report, not something to patch with U+FFFD.
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Plain JSON (RFC 8259), so that any client can read what Millrace writes. */
export const jsonCodec: Codec = {
  contentType: 'application/json',
  encode: (value) => encoder.encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(decoder.decode(bytes)) as unknown,
};

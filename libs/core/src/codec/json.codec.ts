import { errorMessage } from '../errors/error-text.js';
import { Codec } from './codec.js';

// Fatal: bytes that are not UTF-8 are an error to report, not something to patch with U+FFFD.
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Plain JSON (RFC 8259), so that any client can read what Millrace writes. */
export const jsonCodec: Codec = {
  contentType: 'application/json',
  // Small ones share a pool: an allocation for each would be most of the work of encoding it.
  encode: (value) => Buffer.from((JSON.stringify(value) as string | undefined) ?? ''),
  decode: (bytes) => {
    const text = decoder.decode(bytes);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new SyntaxError(withoutExcerpt(errorMessage(error)));
    }
  },
};

// The engine quotes what it could not read, and messages of errors are logged: the text may be personal.
const withoutExcerpt = (message: string): string =>
  message.replace(/^(.*?,? ?)(?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s, '$1it is not valid JSON');

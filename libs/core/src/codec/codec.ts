import type { KeyProvider } from '../encryption/key.provider.js';

/** Turns values into bytes and back. One codec serves a whole connection. */
export interface Codec {
  /** MIME type, sent as the `content-type` header. */
  readonly contentType: string;
  encode(value: unknown): Uint8Array;
  /** @throws whatever the format's parser throws on malformed input. */
  decode(bytes: Uint8Array): unknown;
  /** The keys of properties under `@Encrypted`. Set by the connection that has the option `encryption`. */
  readonly keys?: KeyProvider | undefined;
}

import { MsgHdrs } from '@nats-io/transport-node';
import { configInvalid } from '../errors/millrace.error.js';
import { isReservedHeader } from './header-names.js';

/** A message's headers as plain data; of a repeated header the first value stands. */
export type HeaderMap = Readonly<Record<string, string>>;

const ENCODE = /[^\x21\x23\x24\x26-\x7e]/gu;
/** What stands for itself: nearly every attribute does. */
const PLAIN = /^[\x21\x23\x24\x26-\x7e]*$/;
const encoder = new TextEncoder();

const percent = (char: string): string =>
  [...encoder.encode(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/**
 * A CloudEvents attribute as a header value: everything outside printable ASCII, and space, `"` and `%`,
 * percent-encoded (CloudEvents HTTP binding 3.1.3.2, which the NATS binding follows).
 */
export const encodeAttribute = (value: string): string =>
  PLAIN.test(value) ? value : value.replace(ENCODE, percent);

/** The attribute of a header value; a malformed one stands for itself. */
export const decodeAttribute = (value: string): string => {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/** Headers as the client has parsed them. */
export const readHeaders = (headers: MsgHdrs | undefined): HeaderMap => {
  const map: Record<string, string> = {};
  if (headers) for (const [name, values] of headers) map[name] = values[0] ?? '';
  return map;
};

/**
 * Refuses headers that a user may not set: reserved families, malformed names, line breaks in values.
 * @throws `CONFIG_INVALID`
 */
export const assertUserHeaders = (headers: HeaderMap): void => {
  for (const [name, value] of Object.entries(headers)) {
    if (isReservedHeader(name)) {
      throw configInvalid(
        `Header '${name}' is reserved`,
        "Use another name: 'Nats-', 'ce-' and 'Millrace-' headers are set by the framework and the server",
      );
    }
    if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name) || /[\r\n]/.test(value)) {
      throw configInvalid(
        `Header '${name}' is malformed`,
        'Use printable ASCII without a colon for the name, and no line break in the value',
      );
    }
  }
};

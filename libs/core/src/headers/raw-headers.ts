import { Msg, MsgImpl } from '@nats-io/transport-node';
import { HeaderMap, readHeaders } from './header-value.js';

const FIRST_LINE = 'NATS/1.0\r\n';
const NO_HEADERS = `${FIRST_LINE}\r\n`;
/** What the client reads otherwise: characters beyond ASCII, and bare line breaks. */
const UNUSUAL = /[^ -~\r\n]|\r(?!\n)|(?<!\r)\n/;
/** As everyone writes them: lines of a name and a value. */
const PLAIN = /^NATS\/1\.0\r\n(?:[!-9;-~]+:[ -~]*\r\n)*\r\n$/;

/**
 * The headers of a message that arrived. Those in plain ASCII, as everyone writes them, are read from the bytes
 * before the body: for each message the client would make a map of arrays and look for every name among all.
 */
export const readMessageHeaders = (message: Msg): HeaderMap =>
  readPlain(blockOf(message)) ?? readHeaders(message.headers);

/** The headers of a message that arrived, still in one text; `undefined` for those that only the client can read. */
export const plainHeadersOf = (message: Msg): string | undefined => {
  const block = blockOf(message);
  if (block === '' && message instanceof MsgImpl && message.headers === undefined) return NO_HEADERS;
  return PLAIN.test(block) ? block : undefined;
};

/** One header of {@link plainHeadersOf}: most messages are asked for two of ten. */
export const plainHeader = (block: string, name: string): string | undefined => {
  const before = `\r\n${name}:`;
  // Of a repeated header the first value stands.
  const at = block.indexOf(before);
  if (at < 0) return undefined;
  const from = at + before.length;
  return block.slice(from, block.indexOf('\r\n', from)).trim();
};

/** The bytes before the body as text, where they can be headers. */
const blockOf = (message: Msg): string => {
  if (!(message instanceof MsgImpl)) return '';
  const { data, subject, reply } = message;
  const length = message.size() - subject.length - reply.length - data.length;
  const start = data.byteOffset - length;
  if (length <= FIRST_LINE.length || start < 0) return '';
  return Buffer.from(data.buffer, start, length).toString('latin1');
};

const readPlain = (block: string): HeaderMap | undefined => {
  if (!block.startsWith(FIRST_LINE) || !block.endsWith('\r\n\r\n') || UNUSUAL.test(block)) return undefined;
  const headers: Record<string, string> = {};
  for (let at = FIRST_LINE.length, end = at; at < block.length; at = end + 2) {
    end = block.indexOf('\r\n', at);
    const colon = block.indexOf(':', at);
    if (colon < 0 || colon > end) continue;
    const name = block.slice(at, colon);
    // The client refuses it, in its own words.
    if (name.includes(' ')) return undefined;
    // Of a repeated header the first value stands.
    if (typeof headers[name] !== 'string') headers[name] = block.slice(colon + 1, end).trim();
  }
  return headers;
};

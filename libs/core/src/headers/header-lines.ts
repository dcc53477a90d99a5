import { MsgHdrs, MsgHdrsImpl } from '@nats-io/transport-node';

const FIRST_LINE = 'NATS/1.0\r\n';
const LINE_END = '\r\n';

/** A header as it stands in a message. Name and value must hold no line break. */
export const headerLine = (name: string, value: string): string => `${name}: ${value}${LINE_END}`;

/** Header lines as the bytes that precede a message's body (ADR-4). */
export const encodeHeaderLines = (lines: string): Uint8Array =>
  // Small ones share a pool, as bodies do.
  Buffer.from(`${FIRST_LINE}${lines}${LINE_END}`);

/** Header lines in the client's form. */
export const parseHeaderLines = (lines: string): MsgHdrs => {
  // Without a prototype: a header may be called `__proto__`.
  const record = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf(LINE_END, at);
    const colon = lines.indexOf(':', at);
    record[lines.slice(at, colon)] = [lines.slice(colon + 2, end)];
    at = end + LINE_END.length;
  }
  // Setting them one by one, the client searches all of them for each: four times the work.
  return MsgHdrsImpl.fromRecord(record);
};

/** Lets the client send headers that are bytes already: it asks for nothing but those. */
export class EncodedHeaders extends MsgHdrsImpl {
  private bytes: Uint8Array = new Uint8Array();

  /** These headers, as `bytes`. One object serves every message: the client has read them when `publish` returns. */
  of(bytes: Uint8Array): this {
    this.bytes = bytes;
    return this;
  }

  override encode(): Uint8Array {
    return this.bytes;
  }
}

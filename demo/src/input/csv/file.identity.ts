import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** What tells a file from others, wherever it lies and whatever it is called. */
export interface FileIdentity {
  /** A hash of its size, its head and its tail: a file that has grown is another one. */
  readonly id: string;
  readonly size: number;
  /** Where its text begins: behind the byte order mark of UTF-8, if there is one. */
  readonly start: number;
}

const SAMPLE_BYTES = 65_536;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const ID_LENGTH = 32;

/** @throws NodeJS.ErrnoException where the file cannot be read. */
export const identify = async (file: string): Promise<FileIdentity> => {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const sample = async (position: number): Promise<Buffer> => {
      const buffer = Buffer.alloc(Math.min(SAMPLE_BYTES, size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      return buffer.subarray(0, bytesRead);
    };
    const head = await sample(0);
    const tail = await sample(Math.max(0, size - SAMPLE_BYTES));
    const hash = createHash('sha256').update(`${size}\n`).update(head).update(tail);
    const marked = head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    return {
      id: hash.digest('hex').slice(0, ID_LENGTH),
      size,
      start: marked ? BYTE_ORDER_MARK.length : 0,
    };
  } finally {
    await handle.close();
  }
};

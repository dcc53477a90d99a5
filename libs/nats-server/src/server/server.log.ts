import { type FileHandle, open } from 'node:fs/promises';
import { systemCodeOf } from '../nats-server.error.js';

const KEPT_LINES = 40;
const KEPT_BYTES = 16 * 1024;

/** The last lines a server wrote to its standard error. */
export class LineTail {
  private readonly kept: string[] = [];

  push(line: string): void {
    this.kept.push(line);
    if (this.kept.length > KEPT_LINES) this.kept.shift();
  }

  lines(): readonly string[] {
    return this.kept;
  }

  clear(): void {
    this.kept.length = 0;
  }
}

/** The size of a log, from which {@link readTail} reads on; 0 when there is none yet. */
export async function sizeOf(file: string): Promise<number> {
  return withFile(file, 0, async (handle) => (await handle.stat()).size);
}

/** The last lines of a log file, at most 40, none from before byte `from`. */
export async function readTail(file: string, from = 0): Promise<string[]> {
  return withFile(file, [], async (handle) => {
    const { size } = await handle.stat();
    // A smaller file than before has been rotated.
    const start = Math.max(size < from ? 0 : from, size - KEPT_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return lines.filter((line) => line !== '').slice(-KEPT_LINES);
  });
}

/**
 * The port a log says is taken, such as `listen tcp 127.0.0.1:4222: bind: address already in use`; undefined
 * when the server did not fail for that.
 */
export function portInUse(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const match = /listen tcp \S*:(\d+): bind: (?:address already in use|Only one usage of each socket)/.exec(
      line,
    );
    if (match) return Number(match[1]);
  }
  return undefined;
}

async function withFile<T>(file: string, fallback: T, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return fallback;
    throw error;
  }
  try {
    return await read(handle);
  } finally {
    await handle.close();
  }
}

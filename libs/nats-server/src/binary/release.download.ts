import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { textOf } from '../nats-server.error.js';

export interface DownloadRequest {
  readonly url: string;
  /** Written anew and flushed to disk; left in place when the download fails. */
  readonly file: string;
  readonly onBytes: (receivedBytes: number, totalBytes: number | undefined) => void;
  /** The longest silence allowed before and between bytes, in ms. */
  readonly idleTimeoutMs: number;
}

/**
 * Streams `url` into `file`.
 *
 * @returns the SHA-256 of what was written, as lower-case hex
 * @throws Error on a connection failure, a status other than 200, or silence
 */
export async function download(request: DownloadRequest): Promise<string> {
  const idle = idleSignal(request.idleTimeoutMs);
  try {
    const response = await fetch(request.url, { signal: idle.signal, redirect: 'follow' });
    idle.touch();
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status} from ${request.url}`);
    }
    const length = Number(response.headers.get('content-length'));
    const body: AsyncIterable<Uint8Array> = response.body;
    const file = await open(request.file, 'wx', 0o600);
    try {
      return await drain(body, file, (received) => {
        idle.touch();
        request.onBytes(received, length > 0 ? length : undefined);
      });
    } finally {
      await file.close();
    }
  } catch (error) {
    throw describeFetchError(error);
  } finally {
    idle.stop();
  }
}

async function drain(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  onBytes: (receivedBytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    await file.write(chunk);
    received += chunk.byteLength;
    onBytes(received);
  }
  await file.sync();
  return hash.digest('hex');
}

function idleSignal(timeoutMs: number) {
  const controller = new AbortController();
  const expire = () => controller.abort(new Error(`nothing received for ${timeoutMs} ms`));
  const timer = setTimeout(expire, timeoutMs);
  return { signal: controller.signal, touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

// fetch reports every network trouble as 'fetch failed'; what happened is in its cause.
function describeFetchError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('cause' in error)) return error;
  const reason = textOf(error.cause, 'message') ?? textOf(error.cause, 'code');
  return reason === undefined ? error : new Error(reason, { cause: error });
}

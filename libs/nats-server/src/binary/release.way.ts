import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from '../nats-server.error.js';
import { type Platform, binaryName, platformKey } from './binary.platform.js';
import type { ObtainOutcome, ObtainWay, ObtainWork } from './obtain.way.js';
import { download } from './release.download.js';
import { PINNED_VERSION, RELEASE_PINS, type ReleasePin } from './release.pins.js';

const execute = promisify(execFile);

export const OFFICIAL_RELEASES = 'https://github.com/nats-io/nats-server/releases/download';

export interface ReleaseWayOptions {
  readonly platform: Platform;
  /** Where `v<version>/<archive>` lies. A mirror is as good as the original: the checksum decides. */
  readonly baseUrl?: string | undefined;
  readonly pins?: Readonly<Record<string, ReleasePin>>;
  readonly idleTimeoutMs?: number;
}

const DEFAULT_IDLE_TIMEOUT_MS = 20_000;
const NAME = `official release ${PINNED_VERSION}`;

/** The official archive, refused unless it has its pinned SHA-256. */
export function releaseWay(options: ReleaseWayOptions): ObtainWay {
  return { name: NAME, obtain: (work) => obtainRelease(options, work) };
}

async function obtainRelease(options: ReleaseWayOptions, work: ObtainWork): Promise<ObtainOutcome> {
  const key = platformKey(options.platform);
  const pin = (options.pins ?? RELEASE_PINS)[key];
  if (!pin) return { kind: 'refused', answer: `no pinned checksum for ${key}` };

  const url = `${options.baseUrl ?? OFFICIAL_RELEASES}/v${PINNED_VERSION}/${pin.archive}`;
  const archive = join(work.directory, pin.archive);
  let sha256: string;
  try {
    work.onProgress({ way: NAME, message: `connecting to ${new URL(url).host}` });
    sha256 = await download({
      url,
      file: archive,
      idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
      onBytes: (receivedBytes, totalBytes) =>
        work.onProgress({
          way: NAME,
          message: 'downloading',
          receivedBytes,
          ...(totalBytes === undefined ? {} : { totalBytes }),
        }),
    });
  } catch (error) {
    return { kind: 'refused', answer: `download of ${url} failed: ${reasonOf(error)}` };
  }
  if (sha256 !== pin.sha256) {
    const answer = `${url} has SHA-256 ${sha256}, pinned is ${pin.sha256}; it was not used`;
    return { kind: 'refused', answer, checksum: true };
  }
  return unpack(archive, options.platform.os, work);
}

async function unpack(archive: string, os: string, work: ObtainWork): Promise<ObtainOutcome> {
  work.onProgress({ way: NAME, message: 'unpacking' });
  const target = join(work.directory, 'unpacked');
  await mkdir(target);
  try {
    await execute(tarCommand(os), ['-xf', archive, '-C', target, '--strip-components=1']);
  } catch (error) {
    return { kind: 'refused', answer: `tar could not unpack the archive: ${reasonOf(error)}` };
  }
  return { kind: 'obtained', path: join(target, binaryName(os)) };
}

// On Windows the archive is a zip: the system's own tar reads it, one found on PATH may not.
function tarCommand(os: string): string {
  if (os !== 'win32') return 'tar';
  return join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tar.exe');
}

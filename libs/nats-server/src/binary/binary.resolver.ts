import { NatsServerError, NatsServerErrorCode } from '../nats-server.error.js';
import { aptWay } from './apt.way.js';
import { BinaryCache } from './binary.cache.js';
import { type NatsServerBinary, findBinary } from './binary.finder.js';
import { obtainBinary } from './binary.obtainer.js';
import { currentPlatform } from './binary.platform.js';
import { type Environment, cacheDirectory } from './cache.directory.js';
import type { ProgressListener } from './obtain.progress.js';
import type { ObtainWay } from './obtain.way.js';
import { releaseWay } from './release.way.js';

export interface ResolveOptions {
  /** Path of a nats-server to use; nothing else is tried. */
  readonly binary?: string | undefined;
  /** Whether one may be downloaded when none is found. Default true. */
  readonly obtain?: boolean | undefined;
  /** Told about each step of a download. Default: silence. */
  readonly onProgress?: ProgressListener | undefined;
  /** Read instead of `process.env`. */
  readonly env?: Environment | undefined;
}

/**
 * Finds a nats-server of at least 2.14, or obtains one into the per-user cache.
 *
 * @throws NatsServerError NATS_SERVER_NOT_FOUND, NATS_SERVER_TOO_OLD or NATS_SERVER_CHECKSUM
 */
export function resolveNatsServer(options: ResolveOptions = {}): Promise<NatsServerBinary> {
  const platform = currentPlatform();
  const baseUrl = (options.env ?? process.env)['MILLRACE_NATS_RELEASE_URL'] || undefined;
  return resolveBinary(options, [
    releaseWay({ platform, baseUrl: baseUrl?.replace(/\/+$/, '') }),
    aptWay({ os: platform.os }),
  ]);
}

/** {@link resolveNatsServer} with the ways of obtaining given. */
export async function resolveBinary(
  { binary, obtain = true, onProgress = () => {}, env = process.env }: ResolveOptions,
  ways: readonly ObtainWay[],
): Promise<NatsServerBinary> {
  const { os } = currentPlatform();
  const cache = new BinaryCache(cacheDirectory(env, os), os);
  const { found, tried } = await findBinary({ binary, env, os, cache });
  if (found) return found;
  if (obtain) return obtainBinary({ cache, ways, onProgress, tried });
  throw new NatsServerError({
    code: NatsServerErrorCode.NotFound,
    problem: 'No usable nats-server was found, and downloading one is switched off',
    tried,
    remedy: 'Put nats-server 2.14 or newer on PATH, set NATS_SERVER_BIN to it, or allow the download.',
  });
}

import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NatsServerError, NatsServerErrorCode, type TriedWay, reasonOf } from '../nats-server.error.js';
import type { BinaryCache } from './binary.cache.js';
import type { NatsServerBinary } from './binary.finder.js';
import { type HeldLock, tryLock } from './obtain.lock.js';
import type { ProgressListener } from './obtain.progress.js';
import type { ObtainOutcome, ObtainWay } from './obtain.way.js';
import { formatVersion } from './server-version.parser.js';
import { probeBinary } from './server-version.probe.js';

export interface ObtainRequest {
  readonly cache: BinaryCache;
  readonly ways: readonly ObtainWay[];
  readonly onProgress: ProgressListener;
  /** What finding tried before, so that a failure reports everything. */
  readonly tried: readonly TriedWay[];
}

const LOCK_POLL_MS = 150;

/**
 * Obtains a binary into the cache by the first way that succeeds. Of several processes one works while the
 * others wait and then use its result.
 *
 * @throws NatsServerError NATS_SERVER_NOT_FOUND, or NATS_SERVER_CHECKSUM when an archive was refused
 */
export async function obtainBinary(request: ObtainRequest): Promise<NatsServerBinary> {
  try {
    const turn = await awaitTurn(request);
    if ('binary' in turn) return turn.binary;
    try {
      return (await cachedBinary(request.cache)) ?? (await tryWays(request));
    } finally {
      await turn.lock.release();
    }
  } catch (error) {
    if (error instanceof NatsServerError) throw error;
    const tried = [...request.tried, { way: 'download into the cache', answer: reasonOf(error) }];
    throw notFound(tried, NatsServerErrorCode.NotFound, error);
  }
}

async function awaitTurn({
  cache,
  onProgress,
}: ObtainRequest): Promise<{ lock: HeldLock } | { binary: NatsServerBinary }> {
  const file = join(cache.directory, '.lock');
  for (let waits = 0; ; waits++) {
    const lock = await tryLock(file);
    if (lock) return { lock };
    if (waits === 0)
      onProgress({ way: 'cache', message: 'waiting for another process that is obtaining it' });
    await delay(LOCK_POLL_MS);
    const binary = await cachedBinary(cache);
    if (binary) return { binary };
  }
}

async function cachedBinary(cache: BinaryCache): Promise<NatsServerBinary | undefined> {
  for (const path of await cache.candidates()) {
    const outcome = await probeBinary(path);
    if (outcome.kind === 'usable') return { path, version: formatVersion(outcome.version), way: 'cache' };
  }
  return undefined;
}

async function tryWays({ cache, ways, onProgress, tried }: ObtainRequest): Promise<NatsServerBinary> {
  const answers: TriedWay[] = [...tried];
  let checksum = false;
  for (const way of ways) {
    const directory = await cache.createWorkDirectory();
    try {
      const outcome = await attempt(way, directory, onProgress);
      if (outcome.kind === 'obtained') {
        const installed = await install(cache, way.name, outcome.path);
        if (typeof installed !== 'string') {
          onProgress({ way: way.name, message: `nats-server ${installed.version} is at ${installed.path}` });
          return installed;
        }
        answers.push({ way: way.name, answer: installed });
      } else {
        checksum ||= outcome.checksum === true;
        answers.push({ way: way.name, answer: outcome.answer });
        onProgress({ way: way.name, message: `not available: ${outcome.answer}` });
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  throw notFound(answers, checksum ? NatsServerErrorCode.Checksum : NatsServerErrorCode.NotFound);
}

async function attempt(
  way: ObtainWay,
  directory: string,
  onProgress: ProgressListener,
): Promise<ObtainOutcome> {
  try {
    return await way.obtain({ directory, onProgress });
  } catch (error) {
    return { kind: 'refused', answer: reasonOf(error) };
  }
}

/** The binary in its place, or why it was not put there. */
async function install(cache: BinaryCache, way: string, path: string): Promise<NatsServerBinary | string> {
  await chmod(path, 0o755);
  const outcome = await probeBinary(path);
  if (outcome.kind !== 'usable') return `obtained, but ${outcome.answer}`;
  const installed = await cache.install(path, outcome.version);
  return { path: installed, version: formatVersion(outcome.version), way };
}

function notFound(tried: readonly TriedWay[], code: NatsServerErrorCode, cause?: unknown): NatsServerError {
  return new NatsServerError({
    code,
    problem:
      code === NatsServerErrorCode.Checksum
        ? 'A downloaded nats-server did not match its pinned checksum and there is no other'
        : 'No usable nats-server was found or could be obtained',
    tried,
    cause,
    remedy:
      'Install nats-server 2.14 or newer (https://nats.io/download) and put it on PATH or set NATS_SERVER_BIN to it, ' +
      'or allow one of the downloads above (MILLRACE_NATS_RELEASE_URL names a mirror, MILLRACE_CACHE_DIR a writable cache).',
  });
}

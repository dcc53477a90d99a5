import { delimiter, join } from 'node:path';
import { NatsServerError, NatsServerErrorCode, type TriedWay } from '../nats-server.error.js';
import type { BinaryCache } from './binary.cache.js';
import { binaryName } from './binary.platform.js';
import type { Environment } from './cache.directory.js';
import { formatVersion } from './server-version.parser.js';
import { type ProbeOutcome, probeBinary } from './server-version.probe.js';

/** A binary that runs and is new enough. */
export interface NatsServerBinary {
  readonly path: string;
  /** Such as `2.15.1`. */
  readonly version: string;
  /** The way that gave it, as in an error's `tried`. */
  readonly way: string;
}

export interface FindRequest {
  readonly binary: string | undefined;
  readonly env: Environment;
  readonly os: string;
  readonly cache: BinaryCache;
}

export interface FindOutcome {
  readonly found?: NatsServerBinary;
  readonly tried: readonly TriedWay[];
}

/**
 * Looks where a binary may already be: the `binary` option, `NATS_SERVER_BIN`, `PATH`, the cache.
 *
 * @throws NatsServerError NATS_SERVER_NOT_FOUND or NATS_SERVER_TOO_OLD when a path named explicitly (option
 *   or variable) is unusable, since falling back silently would run another server than the one asked for
 */
export async function findBinary(request: FindRequest): Promise<FindOutcome> {
  const tried: TriedWay[] = [];
  const explicit = explicitWay(request);
  if (explicit) return { found: await demand(explicit.way, explicit.path), tried };
  tried.push({ way: 'binary option', answer: 'not given' }, { way: 'NATS_SERVER_BIN', answer: 'not set' });
  const onPath = await firstUsable('PATH', pathCandidates(request), 'no nats-server on PATH');
  tried.push(...onPath.tried);
  if (onPath.found) return { found: onPath.found, tried };
  const cached = await firstUsable(
    'cache',
    await request.cache.candidates(),
    `nothing in ${request.cache.directory}`,
  );
  tried.push(...cached.tried);
  return cached.found ? { found: cached.found, tried } : { tried };
}

function explicitWay({ binary, env }: FindRequest): { way: string; path: string } | undefined {
  if (binary !== undefined) return { way: 'binary option', path: binary };
  const fromEnv = env['NATS_SERVER_BIN'];
  return fromEnv ? { way: 'NATS_SERVER_BIN', path: fromEnv } : undefined;
}

async function demand(way: string, path: string): Promise<NatsServerBinary> {
  const outcome = await probeBinary(path);
  if (outcome.kind === 'usable') return { path, version: formatVersion(outcome.version), way };
  throw new NatsServerError({
    code: outcome.kind === 'too-old' ? NatsServerErrorCode.TooOld : NatsServerErrorCode.NotFound,
    problem: `The nats-server named by the ${way} cannot be used`,
    tried: [{ way, answer: outcome.answer }],
    remedy: 'Name a nats-server of 2.14 or newer, or leave it out to have one found or downloaded.',
  });
}

function pathCandidates({ env, os }: FindRequest): string[] {
  const path = env['PATH'] ?? env['Path'] ?? '';
  const directories = path.split(delimiter).filter((directory) => directory !== '');
  return [...new Set(directories)].map((directory) => join(directory, binaryName(os)));
}

async function firstUsable(way: string, candidates: readonly string[], none: string): Promise<FindOutcome> {
  const tried: TriedWay[] = [];
  for (const path of candidates) {
    const outcome: ProbeOutcome = await probeBinary(path);
    if (outcome.kind === 'usable') {
      return { found: { path, version: formatVersion(outcome.version), way }, tried };
    }
    if (outcome.kind !== 'absent') tried.push({ way, answer: outcome.answer });
  }
  return { tried: tried.length > 0 ? tried : [{ way, answer: none }] };
}

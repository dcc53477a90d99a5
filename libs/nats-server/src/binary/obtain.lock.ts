import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { systemCodeOf } from '../nats-server.error.js';
import { isProcessAlive } from './process.probe.js';

export interface HeldLock {
  release(): Promise<void>;
}

export interface LockTiming {
  /** How often the owner touches the lock, in ms. */
  readonly heartbeatMs: number;
  /** An owner silent for this long, in ms, is taken for dead. */
  readonly staleAfterMs: number;
}

const DEFAULT_TIMING: LockTiming = { heartbeatMs: 2_000, staleAfterMs: 15_000 };

/**
 * Takes the lock file, or gives undefined while a living process holds it. A lock whose owner died, or has
 * not touched it for `staleAfterMs`, is broken and taken.
 *
 * The lock only spares duplicate downloads: everything done under it stays correct when two hold it.
 */
export async function tryLock(file: string, timing = DEFAULT_TIMING): Promise<HeldLock | undefined> {
  await mkdir(dirname(file), { recursive: true });
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  if (!(await createWith(file, owner))) {
    if (!(await isStale(file, timing))) return undefined;
    await breakLock(file);
    if (!(await createWith(file, owner))) return undefined;
  }
  const heartbeat = setInterval(() => void touch(file), timing.heartbeatMs);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if ((await contentOf(file)) === owner) await rm(file, { force: true });
    },
  };
}

// The file appears together with its content: an owner killed in between would leave a lock of nobody.
async function createWith(file: string, owner: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  try {
    await writeFile(draft, owner, { flag: 'wx' });
    await link(draft, file);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    if (['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'].includes(systemCodeOf(error) ?? '')) {
      return createExclusively(file, owner);
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

// For file systems without hard links.
async function createExclusively(file: string, owner: string): Promise<boolean> {
  try {
    await writeFile(file, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string, timing: LockTiming): Promise<boolean> {
  const owner = ownerOf(await contentOf(file));
  if (owner?.host === hostname() && !isProcessAlive(owner.pid)) return true;
  try {
    const { mtimeMs } = await stat(file);
    return Date.now() - mtimeMs > timing.staleAfterMs;
  } catch {
    return true;
  }
}

// Renaming first lets only one of several breakers win.
async function breakLock(file: string): Promise<void> {
  const grave = `${file}.stale.${randomUUID()}`;
  try {
    await rename(file, grave);
    await rm(grave, { force: true });
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}

function ownerOf(content: string): { pid: number; host: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed) || !('host' in parsed))
      return undefined;
    const { pid, host } = parsed;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  try {
    await utimes(file, now, now);
  } catch {
    // A broken lock has nothing to touch; its owner finishes all the same.
  }
}

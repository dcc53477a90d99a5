import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const FILE = 'in-use.json';
const POLL_MS = 100;

/** A store that nobody else uses. */
export interface StoreClaim {
  /** Names a process that uses it too, and that may outlive this one. */
  share(pid: number): void;
  release(): void;
}

/**
 * Takes a store for this process. Two servers on one store would spoil it, and the server of a runner that was killed
 * takes a moment to end.
 * @throws Error where others still use it after `boundMs`.
 */
export const claimStore = async (dir: string, boundMs: number): Promise<StoreClaim> => {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, FILE);
  const deadline = performance.now() + boundMs;
  while (!claimed(file)) {
    const alive = usersOf(file).filter(isAlive);
    if (alive.length === 0) rmSync(file, { force: true });
    else if (performance.now() > deadline) {
      throw new Error(
        `${dir} is in use by process ${alive.join(' and ')}; wait for it, give another with --store, or, where that process has nothing to do with it, delete ${file}`,
      );
    } else await delay(POLL_MS);
  }
  return {
    share: (pid) => writeFileSync(file, JSON.stringify([process.pid, pid])),
    release: () => rmSync(file, { force: true }),
  };
};

const claimed = (file: string): boolean => {
  try {
    writeFileSync(file, JSON.stringify([process.pid]), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const usersOf = (file: string): number[] => {
  try {
    const users: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(users) ? users.filter((pid) => typeof pid === 'number') : [];
  } catch {
    // Gone meanwhile, or cut off by a crash.
    return [];
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOK_MS = 500;

/** What a process holds, in MiB; 0 where it cannot be told. */
const residentSet = async (pid: number): Promise<number> => {
  try {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout.trim()) / 1024;
  } catch {
    return 0;
  }
};

/** The most that a process holds while something is done. */
export const mostWhile = async <T>(
  pid: number,
  work: () => Promise<T>,
): Promise<[result: T, mib: number]> => {
  let most = 0;
  const look = setInterval(() => {
    void residentSet(pid).then((mib) => (most = Math.max(most, mib)));
  }, LOOK_MS);
  try {
    const result = await work();
    return [result, Math.max(most, await residentSet(pid))];
  } finally {
    clearInterval(look);
  }
};

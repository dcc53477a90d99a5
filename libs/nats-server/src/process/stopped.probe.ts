import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BOUND_MS = 2000;
const LOOK_AGAIN_MS = 2;

/**
 * Resolves when every thread of the process stands still. SIGSTOP is sent to a process, but reaches its threads
 * one by one: on a busy machine one of them answers on for a while. Known on Linux only; elsewhere, and past two
 * seconds, it is taken to have stopped.
 */
export async function untilStopped(pid: number): Promise<void> {
  const deadline = performance.now() + BOUND_MS;
  while (!(await standsStill(pid)) && performance.now() < deadline) await sleep(LOOK_AGAIN_MS);
}

async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => undefined);
  // Not Linux, or the process is gone.
  if (threads === undefined) return true;
  const states = await Promise.all(threads.map((thread) => stateOf(`/proc/${pid}/task/${thread}/stat`)));
  return states.every((state) => state === 'T');
}

/** The third field, after a name in brackets that may hold anything. */
async function stateOf(stat: string): Promise<string | undefined> {
  // A thread that ended since the listing has no state: the next look will not list it.
  const text = await readFile(stat, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2)[0];
}

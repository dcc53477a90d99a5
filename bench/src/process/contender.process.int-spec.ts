import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ContenderProcess, Opening, withContenders } from './contender.process.js';

const fixture = (name: string): URL => new URL(`../../fixtures/${name}.mjs`, import.meta.url);
const faulty = (fault: string): Opening => ({ program: fixture('faulty.contender'), url: '', args: [fault] });

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const untilGone = async (pid: number): Promise<void> => {
  while (isAlive(pid)) await sleep(20);
};

const pidOf = async (contender: ContenderProcess): Promise<number> => (await contender.sample(1))[0] ?? 0;

describe('contenders in processes of their own', () => {
  const pids: number[] = [];
  afterEach(() => {
    for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });

  it('gives each a process, does the work in it, and ends it', async () => {
    await withContenders([faulty('nothing'), faulty('nothing')], async (contenders) => {
      pids.push(...(await Promise.all(contenders.map(pidOf))));
      const taken = await contenders[0]?.run(1);
      expect(taken?.tookMs).toBeGreaterThan(0);
      expect(taken?.cpuMicros).toBeGreaterThan(0);
    });
    expect(new Set([process.pid, ...pids]).size).toBe(3);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it.each([
    ['open', 'faulty.contender.mjs open: could not be opened'],
    ['run', 'the one that fails at run: ran into a wall'],
    ['uncaught', 'the one that fails at uncaught: out of the blue'],
    ['exit', 'the one that fails at exit: its process ended with 3'],
    ['close', 'the one that fails at close: would not close'],
  ])('fails with the message of one that fails at %s, and ends the others', async (fault, message) => {
    const work = withContenders([faulty('nothing'), faulty(fault)], async ([other, failing]) => {
      if (other) pids.push(await pidOf(other));
      await failing?.run(1);
    });
    await expect(work).rejects.toThrow(message);
    expect(pids.map(isAlive)).not.toContain(true);
  });

  it('fails when one is killed in the middle of its work', async () => {
    const work = withContenders([faulty('hang')], async ([contender]) => {
      const pid = contender ? await pidOf(contender) : 0;
      const running = contender?.run(1);
      process.kill(pid, 'SIGKILL');
      await running;
    });
    await expect(work).rejects.toThrow('its process ended with SIGKILL');
  });

  it('leaves no process behind when the benchmark itself is killed', async () => {
    const benchmark = spawn(process.execPath, [fileURLToPath(fixture('open-contender'))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(benchmark.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    pids.push(pid);
    expect(isAlive(pid)).toBe(true);
    benchmark.kill('SIGKILL');
    await untilGone(pid);
  });
});

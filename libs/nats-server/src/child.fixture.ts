import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Absolute path of a file of this package; fixtures run what `tsc -b` built. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

export interface Program {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  /** The first line of standard output that matches. */
  line(pattern: RegExp): Promise<string>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs a Node program of this package. */
export function runProgram(
  script: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Program {
  const child = spawn(process.execPath, [packageFile(script), ...args], {
    stdio: 'pipe',
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
  });
  const lines: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  let ended = false;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      ended = true;
      resolve({ code, signal });
    });
  });
  const line = async (pattern: RegExp) => {
    await until(`a line matching ${pattern}`, () => {
      if (lines.some((candidate) => pattern.test(candidate))) return true;
      if (ended) throw new Error(`the program ended: ${[...lines, ...errors].join('\n')}`);
      return false;
    });
    return lines.find((candidate) => pattern.test(candidate)) ?? '';
  };
  return { child, lines, errors, line, exited };
}

/** Polls until `condition` holds; fails, naming `what`, after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(20);
  }
}

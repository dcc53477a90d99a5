import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { NODE_SUPERVISOR, SHELL_SUPERVISOR } from './supervisor.scripts.js';

export type SupervisorKind = 'sh' | 'node';

/** How a server process ended: its exit code, or the signal that ended it. */
export interface ProcessExit {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LaunchRequest {
  readonly binary: string;
  readonly args: readonly string[];
  /** Variables of the process, beside those of this one. */
  readonly env: Readonly<Record<string, string>>;
  readonly supervisor: SupervisorKind;
  /** Between SIGTERM and SIGKILL after the parent's death, in ms. */
  readonly graceMs: number;
  /** Removed when the parent dies. */
  readonly removeWithParent: string;
  /** Whether the process keeps the parent's event loop alive. */
  readonly keepAlive: boolean;
  /** Each line of standard error. */
  readonly onLine: (line: string) => void;
}

/** A process that a supervisor ends when this one dies, by whatever cause. */
export interface SupervisedProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  isRunning(): boolean;
}

/** Starts `binary` under a supervisor; resolves when its pid is known. Rejects when nothing could be spawned. */
export async function launchSupervised(request: LaunchRequest): Promise<SupervisedProcess> {
  const child = spawnSupervisor(request);
  const ended = endOf(child);
  const [stdin, , stderr, report] = child.stdio;
  if (!stdin || !(stderr instanceof Socket) || !(report instanceof Socket))
    throw new Error('no pipes to the supervisor');
  // Writing to a supervisor that is just ending fails with EPIPE, and its end is seen anyway.
  stdin.on('error', () => {});

  const lines = createInterface({ input: stderr });
  lines.on('line', request.onLine);
  const serverGone = once(lines, 'close');
  const pid = await readPid(report, ended);

  let running = true;
  const exited = Promise.race([serverGone, ended]).then(async () => {
    stdin.end('gone\n');
    const status = await ended;
    // A supervisor that was itself killed has left its server behind.
    if (status.signal !== null) killQuietly(pid);
    await serverGone;
    running = false;
    return { pid, ...decode(status) };
  });
  if (!request.keepAlive) {
    child.unref();
    for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
  }
  return { pid, exited, isRunning: () => running };
}

export function defaultSupervisor(): SupervisorKind {
  return process.platform === 'win32' ? 'node' : 'sh';
}

interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function spawnSupervisor({
  supervisor,
  graceMs,
  removeWithParent,
  binary,
  args,
  env,
}: LaunchRequest): ChildProcess {
  const grace = String(Math.max(1, Math.ceil(graceMs / 1000)));
  const rest = [grace, removeWithParent, binary, ...args];
  const [command, prefix] =
    supervisor === 'sh'
      ? ['/bin/sh', ['-c', SHELL_SUPERVISOR, 'millrace-nats-supervisor']]
      : [process.execPath, ['--input-type=commonjs', '-e', NODE_SUPERVISOR, '--']];
  return spawn(command, [...prefix, ...rest], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // A session of its own: a Ctrl-C in the terminal must not stop the server before its clients have drained.
    detached: true,
    windowsHide: true,
    env: { ...withoutNodeOptions(process.env), ...env },
  });
}

// A debugger or a loader of the host has no business in the supervisor.
function withoutNodeOptions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = env;
  return rest;
}

function endOf(child: ChildProcess): Promise<ExitStatus> {
  const ended = new Promise<ExitStatus>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Whoever awaits it is told; until then a failed spawn must not count as unhandled.
  ended.catch(() => {});
  return ended;
}

function readPid(report: Readable, ended: Promise<ExitStatus>): Promise<number> {
  const read = new Promise<number>((resolve, reject) => {
    let text = '';
    report.setEncoding('utf8');
    report.on('error', reject);
    report.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(Number.parseInt(text, 10));
    });
  });
  const failed = ended.then(({ code }) => {
    throw new Error(`the supervisor ended with ${code ?? 'a signal'} before it started the server`);
  });
  return Promise.race([read, failed]);
}

function decode({ code, signal }: ExitStatus): ExitStatus {
  if (code === null || code <= 128) return { code, signal };
  const name = signalNames.find((candidate) => constants.signals[candidate] === code - 128);
  return name === undefined ? { code, signal } : { code: null, signal: name };
}

const signalNames = [
  'SIGTERM',
  'SIGKILL',
  'SIGINT',
  'SIGQUIT',
  'SIGHUP',
  'SIGABRT',
  'SIGSEGV',
  'SIGPIPE',
  'SIGUSR1',
] as const;

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function once(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, () => resolve()));
}

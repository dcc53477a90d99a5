import { ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { inRepository } from './workspace.js';

export interface RunnerInfo {
  nats_url: string;
  monitoring_url?: string;
  apis: { user: string; order: string; scheduler: string };
  pid: number;
  app_pids: { user: number; order: number; scheduler: number };
}

export interface RunnerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** `npm start -- …` as a real process. */
export class Runner {
  readonly exited: Promise<RunnerExit>;
  private stdout = '';
  private stderr = '';

  constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) =>
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  static start(args: readonly string[], env: Record<string, string> = {}): Runner {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
    const files = ['--json', join(folder, 'report.json'), '--info', join(folder, 'info.json')];
    const { PATH, HOME, NATS_SERVER_BIN, MILLRACE_CACHE_DIR, XDG_CACHE_HOME } = process.env;
    const inherited = { PATH, HOME, NATS_SERVER_BIN, MILLRACE_CACHE_DIR, XDG_CACHE_HOME };
    const child = spawn('npm', ['start', '--', ...args, ...files], {
      cwd: inRepository('.'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...inherited, ...env },
    });
    return new Runner(child, folder);
  }

  /** What the runner tells while it runs. */
  info(): Promise<RunnerInfo> {
    return eventually(() => JSON.parse(readFileSync(this.infoFile, 'utf8')) as RunnerInfo, 60_000);
  }

  get infoFile(): string {
    return join(this.folder, 'info.json');
  }

  /** What it reported; `undefined` where it did not. */
  report(): Record<string, unknown> | undefined {
    const file = join(this.folder, 'report.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : undefined;
  }

  /** A signal to npm, as from a supervisor. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async dispose(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LogTail } from './log.tail.js';

const HOST = fileURLToPath(new URL('app.host.js', import.meta.url));

export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AppProcessOptions {
  readonly name: string;
  /** The program to run. */
  readonly main: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly onLine: (line: string) => void;
}

/** An app in a process of its own, which ends at the latest when this process does. */
export class AppProcess {
  readonly exited: Promise<AppExit>;
  private readonly child: ChildProcess;
  private readonly tail: LogTail;
  private exit: AppExit | undefined;
  private stopping: Promise<AppExit> | undefined;

  constructor(private readonly options: AppProcessOptions) {
    this.tail = new LogTail(options.onLine);
    this.child = spawn(process.execPath, [HOST, options.main], {
      // A session of its own: Ctrl-C in the terminal reaches the runner only, which stops the apps in order.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const log = createWriteStream(options.logFile);
    for (const output of [this.child.stdout, this.child.stderr]) {
      output?.setEncoding('utf8').on('data', (chunk: string) => {
        log.write(chunk);
        this.tail.add(chunk);
      });
    }
    // A write to a pipe whose reader has just died is no news beside its exit.
    this.child.stdin?.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      const finish = (exit: AppExit): void => {
        this.exit ??= exit;
        log.end();
        resolve(this.exit);
      };
      this.child.on('error', () => finish({ code: null, signal: null }));
      this.child.on('close', (code, signal) => finish({ code, signal }));
    });
  }

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return this.options.url;
  }

  /** `undefined` where it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return this.exit === undefined;
  }

  get lastLines(): readonly string[] {
    return this.tail.last();
  }

  /** SIGTERM, and after `boundMs` SIGKILL. Resolves when the process is gone. */
  stop(boundMs: number): Promise<AppExit> {
    return (this.stopping ??= this.end(boundMs));
  }

  /** SIGKILL. */
  kill(): void {
    if (this.running) this.child.kill('SIGKILL');
  }

  private async end(boundMs: number): Promise<AppExit> {
    if (this.running) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), boundMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }
}

/** How a process ended, in words. */
export const describeExit = ({ code, signal }: AppExit): string =>
  signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;

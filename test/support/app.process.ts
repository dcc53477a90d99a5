import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Answer, Request, requestAs } from './http.client.js';
import { eventually } from './eventually.js';
import { freePort } from './free.port.js';
import { inRepository } from './workspace.js';

export type AppName = 'user' | 'order' | 'scheduler';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  ms: number;
}

export interface AppLaunch {
  name: AppName;
  /** The program to run. */
  program: string;
  env: Record<string, string>;
  /** What its requests are sent with. */
  apiKey?: string;
  /** How long it may take to be ready. Default 30 s. */
  readyTimeoutMs?: number;
}

/** A built app in a process of its own. It ends with the test's process, however that ends. */
export class AppProcess {
  private log = '';

  private constructor(
    readonly name: AppName,
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly send: Request,
  ) {
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding('utf8').on('data', (chunk: string) => (this.log += chunk));
    }
  }

  /** Resolves when the app is ready. */
  static start(name: AppName, natsUrl: string, env: Record<string, string> = {}): Promise<AppProcess> {
    const program = inRepository(`apps/${name}/dist/main.js`);
    return AppProcess.launch({ name, program, env: { NATS_URL: natsUrl, ...env } });
  }

  /** {@link start}, of a program that may lie elsewhere. */
  static async launch({ name, program, env, apiKey, readyTimeoutMs }: AppLaunch): Promise<AppProcess> {
    const port = await freePort();
    const host = inRepository('demo/dist/processes/app.host.js');
    const child = spawn(process.execPath, [host, program], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        PORT: String(port),
        NO_COLOR: '1',
        ...env,
      },
    });
    const app = new AppProcess(name, `http://127.0.0.1:${port}`, child, requestAs(apiKey));
    try {
      await app.ready(readyTimeoutMs);
      return app;
    } catch (error) {
      // Nobody else knows of it, and with it the test's process would not end.
      await app.end('SIGKILL');
      throw error;
    }
  }

  /** What it has logged. */
  get output(): string {
    return this.log;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it answers that it is ready, anew after a disconnect. */
  async ready(timeoutMs = 60_000): Promise<void> {
    await eventually(async () => {
      if (!this.running) throw new Error(`${this.name} ended:\n${this.log}`);
      const { status } = await this.get('/health/ready').catch(() => ({ status: 'no answer' }));
      if (status !== 200) throw new Error(`${this.name} is not ready (${status}):\n${this.log}`);
    }, timeoutMs);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  request<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return this.send<T>(method, this.url + path, body);
  }

  get<T = Record<string, unknown>>(path: string): Promise<Answer<T>> {
    return this.request<T>('GET', path);
  }

  post<T = Record<string, unknown>>(path: string, body: unknown): Promise<Answer<T>> {
    return this.request<T>('POST', path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.request('DELETE', path);
  }

  /** It stands still, and holds what it holds. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  /** Sends the signal and resolves to how the process ended. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    const startedAt = performance.now();
    if (this.running) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    return { code: this.child.exitCode, signal: this.child.signalCode, ms: performance.now() - startedAt };
  }
}

/** Runs a built app that ends by itself. */
export const runApp = async (
  name: AppName,
  natsUrl: string,
  env: Record<string, string>,
): Promise<{ code: number | null; log: string }> => {
  const child = spawn(process.execPath, [inRepository(`apps/${name}/dist/main.js`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NATS_URL: natsUrl, PORT: '0', NO_COLOR: '1', ...env },
  });
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, log };
};

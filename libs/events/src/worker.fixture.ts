import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface WorkerOptions {
  url: string;
  groups: readonly string[];
  /** How long its handlers take. */
  handleMs: number;
  shutdownTimeout: string;
}

const workers = new Set<ChildProcess>();

/** A service in a process of its own. */
export class Worker {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when it subscribes. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const program = fileURLToPath(new URL('../fixtures/worker.mjs', import.meta.url));
    const child = fork(program, [JSON.stringify(options)], { execArgv: [], stdio: 'inherit' });
    workers.add(child);
    await once(child, 'message');
    return new Worker(child);
  }

  /** Sends SIGTERM and resolves to how it ended. */
  async terminate(): Promise<{ code: number | null; ms: number }> {
    const startedAt = performance.now();
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    workers.delete(this.child);
    return { code, ms: performance.now() - startedAt };
  }
}

export const killWorkers = (): void => {
  for (const child of workers) child.kill('SIGKILL');
  workers.clear();
};

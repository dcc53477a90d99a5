import { ChildProcess, fork } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Answer, Order, Taken } from './messages.js';

/** A contender to be. */
export interface Opening {
  /** Hosts it, given the url and the arguments. */
  readonly program: URL;
  /** Its server's. */
  readonly url: string;
  readonly args: readonly string[];
}

/** Contenders of one program and on one server, each named by its only argument. */
export const openingsOf = (program: URL, url: string, names: readonly string[]): Opening[] =>
  names.map((name) => ({ program, url, args: [name] }));

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The parent's side: a contender in a process of its own, which is told what to do. */
export class ContenderProcess {
  /** As the contender calls itself, once it is open. */
  name: string;
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private waiting: Waiting | undefined;
  /** The first thing that went wrong: from then on nothing can be asked of it. */
  private failure: Error | undefined;

  constructor({ program, url, args }: Opening) {
    const path = fileURLToPath(program);
    this.name = [basename(path), ...args].join(' ');
    this.child = fork(path, [url, ...args]);
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.on('message', (answer: Answer) => this.onAnswer(answer));
    this.child.on('error', (error) => this.fail(error.message, error));
    this.child.once('exit', (code, signal) => {
      const fail = (): void => this.fail(`its process ended with ${signal ?? code}`);
      // What it told last may still be on its way.
      if (this.child.connected) this.child.once('disconnect', fail);
      else fail();
    });
  }

  /** Resolves when the contender is ready for work. */
  async opened(): Promise<this> {
    this.name = await this.answer<string>();
    return this;
  }

  prepare(count: number): Promise<void> {
    return this.tell({ task: 'prepare', count });
  }

  run(count: number): Promise<Taken> {
    return this.tell({ task: 'run', count });
  }

  sample(count: number): Promise<readonly number[]> {
    return this.tell({ task: 'sample', count });
  }

  async close(): Promise<void> {
    await this.tell({ task: 'close', count: 0 });
    this.child.disconnect();
    await this.exited;
  }

  /** Ends the process, whatever it is doing. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private tell<T>(order: Order): Promise<T> {
    const answer = this.answer<T>();
    // A child that is gone has told so: what cannot be sent is of no interest.
    if (this.failure === undefined) this.child.send(order, () => undefined);
    return answer;
  }

  private answer<T>(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      this.waiting = { resolve: (value) => resolve(value as T), reject };
    });
  }

  private onAnswer(answer: Answer): void {
    if ('failure' in answer) return this.fail(answer.failure.message, answer.failure.stack);
    this.waiting?.resolve(answer.value);
    this.waiting = undefined;
  }

  private fail(message: string, cause?: unknown): void {
    this.failure ??= new Error(`${this.name}: ${message}`, cause === undefined ? {} : { cause });
    this.waiting?.reject(this.failure);
    this.waiting = undefined;
  }
}

/** Opens all contenders of a case at once, does `work` with them, and closes them again. */
export const withContenders = async <T>(
  openings: readonly Opening[],
  work: (contenders: readonly ContenderProcess[]) => Promise<T>,
): Promise<T> => {
  const contenders = openings.map((opening) => new ContenderProcess(opening));
  try {
    await Promise.all(contenders.map((contender) => contender.opened()));
    const result = await work(contenders);
    await Promise.all(contenders.map((contender) => contender.close()));
    return result;
  } finally {
    // After an error: none of them is waited for.
    await Promise.all(contenders.map((contender) => contender.kill()));
  }
};

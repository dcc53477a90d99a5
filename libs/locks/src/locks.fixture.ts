import { fork, ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MillraceConnection, NatsModuleOptions, openConnection, silentLog } from '@millrace/core';
import { LockManager } from './lease/lock.manager.js';
import { LockObserver } from './lease/lock.js';
import { leaseStreamDeclaration } from './lease/lease.stream.js';
import { LockService } from './lock.service.js';

export interface OpenLocks {
  connection: MillraceConnection;
  manager: LockManager;
  locks: LockService;
  close(): Promise<void>;
}

const open = new Set<OpenLocks>();

/** Locks over a connection of their own, as another process would have them. */
export const openLocks = async (
  url: string,
  {
    observer,
    replicas,
    ...nats
  }: Partial<NatsModuleOptions> & { observer?: LockObserver; replicas?: number } = {},
): Promise<OpenLocks> => {
  const connection = await openConnection({ name: 'test', servers: url, ...nats }, silentLog);
  await connection.streams.ensure(leaseStreamDeclaration('locks', { replicas }), 'create');
  const manager = new LockManager(connection, { bucket: 'locks', observer });
  const opened: OpenLocks = {
    connection,
    manager,
    locks: new LockService(manager),
    close: async () => {
      open.delete(opened);
      await manager.close();
      await connection.close();
    },
  };
  open.add(opened);
  return opened;
};

export const closeLocks = async (): Promise<void> => {
  await Promise.all([...open].map((opened) => opened.close()));
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition` holds. @throws after `timeoutMs`, saying what was awaited. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await pause(5);
  }
};

export const timed = async <T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> => {
  const began = performance.now();
  const value = await work();
  return { value, ms: performance.now() - began };
};

/** When the signal aborts, by the local monotonic clock. */
export const abortTime = (signal: AbortSignal): Promise<number> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(performance.now());
    else signal.addEventListener('abort', () => resolve(performance.now()), { once: true });
  });

/** How many of `name`'s waiters are in line. */
export const waiters = async ({ locks }: OpenLocks, name: string): Promise<number> =>
  (await locks.inspect()).find((state) => state.name === name)?.waiters.length ?? 0;

/** What a program of `fixtures/` tells. */
export interface Told {
  what: string;
  token?: number;
  [more: string]: unknown;
}

const children = new Set<Child>();

/** A program of `fixtures/` in a process of its own, with an ear for what it tells. */
export class Child {
  private readonly told: Told[] = [];
  private readonly listeners = new Set<() => void>();

  private constructor(readonly process: ChildProcess) {
    process.on('message', (message) => {
      this.told.push(message as Told);
      for (const listener of this.listeners) listener();
    });
  }

  static start(program: string, options: object, onTold?: (told: Told, child: Child) => void): Child {
    const path = fileURLToPath(new URL(`../fixtures/${program}.mjs`, import.meta.url));
    const child = new Child(fork(path, [JSON.stringify(options)], { execArgv: [], stdio: 'inherit' }));
    if (onTold) child.process.on('message', (message) => onTold(message as Told, child));
    children.add(child);
    return child;
  }

  get exited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  say(message: object): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  /** The first of what it has told, or will tell, that is so. */
  heard(what: string, timeoutMs = 15_000): Promise<Told> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.told.find((told) => told.what === what);
        if (!found) return;
        this.listeners.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.listeners.delete(look);
        reject(new Error(`Not heard within ${timeoutMs} ms: '${what}', but ${JSON.stringify(this.told)}`));
      }, timeoutMs);
      this.listeners.add(look);
      look();
    });
  }
}

export const endChildren = async (): Promise<void> => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([...children].map((child) => until('a child has ended', () => child.exited)));
  children.clear();
};

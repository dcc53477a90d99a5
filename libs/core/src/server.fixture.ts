import { setTimeout as pause } from 'node:timers/promises';
import { NatsServer, NatsServerOptions, startNatsServer } from '@millrace/nats-server';
import { NatsModuleOptions } from './connection/nats-options.js';
import { MillraceConnection, openConnection } from './connection/nats.connection.js';
import { Log, silentLog } from './logging/log.js';

/** Servers and connections of one test file; `release` ends what was started since the last time. */
export const resources = () => {
  const releases: (() => Promise<void>)[] = [];
  return {
    start: async (options: NatsServerOptions = {}): Promise<NatsServer> => {
      const server = await startNatsServer(options);
      releases.push(() => server.stop());
      return server;
    },
    open: async (options: Partial<NatsModuleOptions>, log: Log = silentLog): Promise<MillraceConnection> => {
      const connection = await openConnection({ name: 'test', ...options }, log);
      releases.push(() => connection.close());
      return connection;
    },
    /** Runs before what was started earlier is ended. */
    onRelease: (release: () => Promise<void>): void => void releases.push(release),
    release: async (): Promise<void> => {
      for (const release of releases.splice(0).reverse()) await release();
    },
  };
};

/** Polls until `condition` holds; fails, naming `what`, after `timeoutMs`. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await pause(10);
  }
};

/** How long `work` took, in milliseconds, with what it came to. */
export const timed = async <T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> => {
  const began = performance.now();
  const value = await work();
  return { value, ms: performance.now() - began };
};

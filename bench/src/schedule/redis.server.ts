import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const READY = 'Ready to accept connections';
const READY_TIMEOUT_MS = 10_000;

/** The program: what REDIS_SERVER_BIN names, else the first on the PATH; `undefined` where there is none. */
export const findRedis = async (): Promise<string | undefined> => {
  const named = process.env['REDIS_SERVER_BIN'];
  const candidates = named
    ? [named]
    : (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'redis-server'));
  for (const path of candidates) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
};

/** A Redis of its own, that writes all it is told to a file, and syncs it every second. */
export const startRedis = async (program: string): Promise<RedisServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-redis-'));
  const port = await freePort();
  const options = { port, bind: '127.0.0.1', dir: directory, appendonly: 'yes', save: '' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
};

const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('redis-server was not ready in time')), READY_TIMEOUT_MS);
    let log = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (log.includes(READY)) return;
      log += chunk;
      if (!log.includes(READY)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)));
  });

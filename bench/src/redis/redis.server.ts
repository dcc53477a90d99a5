import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp } from 'node:fs/promises';
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

export const NO_REDIS =
  '  BullMQ is left out: there is no redis-server on the PATH, and REDIS_SERVER_BIN names none';

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

/**
 * Runs a server, tells its pid, and ends it at the end of standard input: when whoever began this is done with it, or
 * gone by whatever cause. Removes the directory that is named first.
 */
const SUPERVISOR = `
directory=$1; shift
exec 3<&0
"$@" & server=$!
echo "pid $server"
(cat <&3; kill $server) >/dev/null 2>&1 &
wait $server; code=$?
rm -rf "$directory"
exit $code`;

/** A Redis of its own, that writes all it is told to a file, and syncs it every second. */
export const startRedis = async (program: string): Promise<RedisServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-redis-'));
  const port = await freePort();
  const options = { port, bind: '127.0.0.1', dir: directory, appendonly: 'yes', save: '' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // A session of its own: a Ctrl-C must not stop the server before its clients.
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'millrace-redis', directory, program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
  };
  try {
    const pid = await ready(child);
    return { url: `redis://127.0.0.1:${port}`, pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Resolves to the server's pid when it takes connections. */
const ready = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('redis-server was not ready in time')), READY_TIMEOUT_MS);
    timer.unref();
    let log = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (log.includes(READY)) return;
      log += chunk;
      if (!log.includes(READY)) return;
      clearTimeout(timer);
      resolve(Number(/^pid (\d+)$/m.exec(log)?.[1]));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)));
  });

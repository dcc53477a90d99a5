import { createServer, Server } from 'node:net';

const HOST = '127.0.0.1';
/** Below the range that systems give to outgoing connections, so that none sits on a port that was just found free. */
const FIRST = 20_000;
const LAST = 32_767;
const TRIES = 200;

const tryBind = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => resolve(server));
  });

const release = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

/** Ports that nobody listens on at the moment. */
export const freePorts = async (count: number): Promise<number[]> => {
  const held = new Map<number, Server>();
  for (let tries = 0; held.size < count && tries < TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (held.has(port)) continue;
    const server = await tryBind(port);
    if (server) held.set(port, server);
  }
  await Promise.all([...held.values()].map(release));
  if (held.size < count) throw new Error(`No ${count} free ports from ${FIRST} to ${LAST} on ${HOST}`);
  return [...held.keys()];
};

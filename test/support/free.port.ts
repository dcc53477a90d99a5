import { createServer } from 'node:net';

const FIRST = 20_000;
const COUNT = 12_000;

/** A port below those that systems give to outgoing connections, free at the moment. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await canBind(port)) return port;
  }
};

const canBind = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

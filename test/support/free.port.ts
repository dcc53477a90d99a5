import { createServer } from 'node:net';

const FIRST = 20_000;
const COUNT = 12_000;

/** The first of so many ports in a row, free at the moment, below those that systems give to outgoing connections. */
export const freePort = async (inARow = 1): Promise<number> => {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * COUNT);
    const ports = Array.from({ length: inARow }, (_, at) => first + at);
    const free = await Promise.all(ports.map(canBind));
    if (free.every(Boolean)) return first;
  }
};

const canBind = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

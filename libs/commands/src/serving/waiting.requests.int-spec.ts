import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Injectable } from '@nestjs/common';
import {
  closeApps,
  freshContext,
  Registered,
  registerCommand,
  startApp,
  until,
} from '../commands.fixture.js';
import { HandleCommand } from '../index.js';

const REQUESTS = 15_000;

let server: NatsServer;
beforeAll(async () => void (server = await startNatsServer()));
afterEach(closeApps, 20_000);
afterAll(() => server.stop());

it('answers a long line of requests in order, whose handler waits for the first and for none of the others', async () => {
  const Register = registerCommand(freshContext());
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  let runs = 0;
  @Injectable()
  class Handler {
    @HandleCommand(Register, { concurrency: 1, backlog: REQUESTS })
    register(): Registered | Promise<Registered> {
      const reply = { userId: 'u', number: ++runs };
      return runs === 1 ? gate.then(() => reply) : reply;
    }
  }
  const serving = await startApp({ url: server.url, providers: [Handler] });
  const { bus, connection } = await startApp({ url: server.url });
  const asked = Array.from({ length: REQUESTS }, (_, n) =>
    bus.execute(new Register(`user ${n}`), { timeout: '60s' }),
  );
  await until('the first', () => runs === 1);
  // All have left the caller, then all have reached the line.
  await connection.nc.flush();
  await serving.connection.nc.flush();
  release();
  const numbers = (await Promise.all(asked)).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: REQUESTS }, (_, n) => n + 1));
}, 90_000);

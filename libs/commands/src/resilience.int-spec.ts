import { Injectable } from '@nestjs/common';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  closeApps,
  freshContext,
  Registered,
  registerCommand,
  RegisterUser,
  rejection,
  startApp,
  until,
} from './commands.fixture.js';
import { HandleCommand } from './index.js';

let server: NatsServer;
beforeAll(async () => void (server = await startNatsServer()));
afterEach(closeApps, 20_000);
afterAll(() => server.stop());

const serve = async (handle: (run: number) => unknown) => {
  const Register = registerCommand(freshContext());
  const state = { runs: 0 };
  @Injectable()
  class Handler {
    @HandleCommand(Register)
    register(_command: RegisterUser): unknown {
      return handle(++state.runs);
    }
  }
  const serving = await startApp({ url: server.url, providers: [Handler] });
  const caller = await startApp({ url: server.url });
  return { Register, state, serving, caller };
};

const reply = (number: number): Registered => ({ userId: 'u', number });

describe('a server that restarts', () => {
  it('while a handler works: its answer is sent when the connection is back', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { Register, state, serving, caller } = await serve(async (run) => {
      await gate;
      return reply(run);
    });
    const asking = caller.bus.execute(new Register('Ada'), { timeout: '30s' });
    await until('the handler', () => state.runs === 1);
    await server.kill('SIGTERM');
    await until('it is noticed', () => serving.connection.health.current.state === 'reconnecting');
    await until('the caller notices', () => caller.connection.health.current.state === 'reconnecting');
    // The caller first: what is sent before it listens again is lost.
    const back = until('the caller is back', () => caller.connection.health.current.state === 'connected');
    await server.restart();
    await back;
    release();
    expect(await asking).toEqual(reply(1));
    expect(state.runs).toBe(1);
  }, 60_000);

  it('is waited for by a call that finds it away', async () => {
    const { Register, state, serving, caller } = await serve(reply);
    await server.kill();
    await until('it is noticed', () => caller.connection.health.current.state === 'reconnecting');
    const asking = caller.bus.execute(new Register('Ada'), { timeout: '30s', retries: 20 });
    expect(await rejection(caller.bus.execute(new Register('Bob'), { timeout: 100 }))).toMatchObject({
      code: 'COMMAND_TIMEOUT',
    });
    await server.restart();
    expect(await asking).toEqual(reply(1));
    expect(state.runs).toBe(1);
    expect(serving.connection.health.current.state).toBe('connected');
  }, 60_000);
});

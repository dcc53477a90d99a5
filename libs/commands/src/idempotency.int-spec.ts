import { BadRequestException, Injectable } from '@nestjs/common';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  closeApps,
  freshContext,
  Registered,
  registerCommand,
  RegisterUser,
  rejection,
  startApp,
} from './commands.fixture.js';
import { HandleCommand } from './index.js';

let server: NatsServer;
beforeAll(async () => void (server = await startNatsServer()));
afterEach(closeApps, 20_000);
afterAll(() => server.stop());

/** Two replicas that count what they handle together. */
const twoReplicas = async (handle: (run: number) => unknown) => {
  const Register = registerCommand(freshContext());
  let runs = 0;
  @Injectable()
  class Handler {
    @HandleCommand(Register)
    register(_command: RegisterUser): unknown {
      return handle(++runs);
    }
  }
  for (let replica = 0; replica < 2; replica++) await startApp({ url: server.url, providers: [Handler] });
  const { bus } = await startApp({ url: server.url });
  const call = (idempotencyKey: string, timeout = 8000): Promise<Registered> =>
    bus.execute(new Register('Ada'), { idempotencyKey, timeout });
  return { call, runs: () => runs };
};

const reply = (number: number): Registered => ({ userId: 'u', number });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('an idempotency key', () => {
  it('gives every later call the first answer, in whichever replica', async () => {
    const { call, runs } = await twoReplicas(reply);
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push(await call('k 1'));
    expect(answers.map(({ number }) => number)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(runs()).toBe(1);
    expect(await call('k 2')).toEqual(reply(2));
  });

  it('lets concurrent duplicates wait for the first', async () => {
    const { call, runs } = await twoReplicas(async (run) => (await pause(300), reply(run)));
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('same')));
    expect(answers.map(({ number }) => number)).toEqual(Array.from({ length: 8 }, () => 1));
    expect(runs()).toBe(1);
  });

  it('keeps an error that was an answer, and forgets one that was bad luck', async () => {
    const refusing = await twoReplicas(() => {
      throw new BadRequestException('no');
    });
    for (let n = 0; n < 3; n++) expect(await rejection(refusing.call('k'))).toMatchObject({ status: 400 });
    expect(refusing.runs()).toBe(1);
    const unlucky = await twoReplicas((run) => {
      if (run === 1) throw new Error('lost the database');
      return reply(run);
    });
    expect(await rejection(unlucky.call('k'))).toMatchObject({ code: 'COMMAND_FAILED' });
    expect(await unlucky.call('k')).toEqual(reply(2));
    expect(await unlucky.call('k')).toEqual(reply(2));
  });

  it('gives a caller that tries again what its first try came to after its time', async () => {
    const { call, runs } = await twoReplicas(async (run) => (await pause(700), reply(run)));
    expect(await rejection(call('slow', 200))).toMatchObject({ code: 'COMMAND_TIMEOUT' });
    expect(await call('slow')).toEqual(reply(1));
    expect(runs()).toBe(1);
  });
});

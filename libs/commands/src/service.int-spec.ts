import { Injectable, NotFoundException } from '@nestjs/common';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
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

const ask = async (
  { nc }: MillraceConnection,
  subject: string,
  count: number,
): Promise<Record<string, unknown>[]> => {
  const answers: Record<string, unknown>[] = [];
  for await (const message of await nc.requestMany(subject, undefined, {
    maxWait: 5000,
    maxMessages: count,
    strategy: 'count',
  })) {
    answers.push(message.json());
  }
  return answers;
};

// What `nats micro ls`, `info` and `stats` ask for, and read.
describe('the services protocol', () => {
  it('shows every replica, its endpoints, requests, errors and times', async () => {
    const context = freshContext();
    const Register = registerCommand(context);
    @Injectable()
    class Handler {
      @HandleCommand(Register)
      register({ name }: RegisterUser): Registered {
        if (name === 'Bob') throw new NotFoundException('who?');
        return { userId: name, number: 1 };
      }
    }
    const service = { version: '1.2.3', description: 'users' };
    const setup = { url: server.url, name: 'my.user app', providers: [Handler], commands: { service } };
    await startApp(setup);
    await startApp(setup);
    const { bus, connection } = await startApp({ url: server.url, name: 'caller' });
    await Promise.all(Array.from({ length: 20 }, () => bus.execute(new Register('Ada'))));
    await rejection(bus.execute(new Register('Bob')));

    const pings = await ask(connection, '$SRV.PING', 2);
    expect(pings).toEqual(
      Array.from({ length: 2 }, () => ({
        type: 'io.nats.micro.v1.ping_response',
        name: 'my-user-app',
        id: expect.any(String),
        version: '1.2.3',
        metadata: {},
      })),
    );
    const ids = pings.map(({ id }) => id as string);
    expect(new Set(ids).size).toBe(2);

    const endpoint = {
      name: `${context}-register`,
      subject: `commands.${context}.register`,
      queue_group: 'millrace',
    };
    const infos = await ask(connection, '$SRV.INFO.my-user-app', 2);
    expect(infos).toHaveLength(2);
    expect(infos[0]).toMatchObject({
      type: 'io.nats.micro.v1.info_response',
      description: 'users',
      endpoints: [endpoint],
    });
    const stats = (
      await Promise.all(ids.map((id) => ask(connection, `$SRV.STATS.my-user-app.${id}`, 1)))
    ).flat();
    const numbers = stats.flatMap(({ endpoints }) => endpoints as Record<string, number | string>[]);
    const sum = (field: string): number => numbers.reduce((total, one) => total + Number(one[field]), 0);
    expect(numbers).toHaveLength(2);
    expect(numbers[0]).toMatchObject(endpoint);
    expect([sum('num_requests'), sum('num_errors')]).toEqual([21, 1]);
    expect(new Set(numbers.map(({ last_error: error }) => error))).toEqual(new Set(['', '404:who?']));
    expect(sum('processing_time')).toBeGreaterThan(0);
    for (const {
      num_requests: requests,
      processing_time: time,
      average_processing_time: average,
    } of numbers) {
      expect(average).toBe(Math.round(Number(time) / Number(requests)));
    }
  });
});

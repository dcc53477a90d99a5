import { HttpException } from '@nestjs/common';
import { type CommandBus } from '@millrace/commands';
import { FindUser, RegisterUser, UnregisterUser } from '@millrace/contracts';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  type Outside,
  startApp,
  startOutside,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { UserConfig } from '../user.config.js';

let server: NatsServer;
let app: TestApp;
let other: TestApp;
let outside: Outside;
let bus: CommandBus;

const start = (): Promise<TestApp> =>
  startApp(AppModule, testConfig(UserConfig, server, { PUBLISH_DEADLINE: '10s' }));

beforeAll(async () => {
  server = await startNatsServer();
  [app, other] = [await start(), await start()];
  outside = await startOutside(server);
  bus = outside.commands;
}, 60_000);
afterAll(async () => {
  await outside?.stop();
  await app?.stop();
  await other?.stop();
  await server?.stop();
});

const ada = (userId: string) =>
  new RegisterUser({ userId, name: 'Ada Lovelace', email: `${userId}@example.org` });

/** What a command was refused with. */
const refusal = async (asked: Promise<unknown>): Promise<{ status: number; body: unknown }> => {
  try {
    await asked;
  } catch (error) {
    if (error instanceof HttpException) return { status: error.getStatus(), body: error.getResponse() };
    throw error;
  }
  throw new Error('It was not refused');
};

describe('the commands of users', () => {
  it('register, find and unregister, as the routes do', async () => {
    const registered = await bus.execute(ada('ada'));
    expect(registered).toEqual({
      userId: 'ada',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      origin: 'api',
      registeredAt: expect.any(String),
    });
    expect(await bus.execute(new FindUser({ userId: 'ada' }))).toEqual(registered);
    const { userId: id, ...fields } = registered;
    expect((await app.request('GET', '/users/ada')).body).toEqual({ id, ...fields });
    const left = await bus.execute(new UnregisterUser({ userId: 'ada' }));
    expect(left).toEqual({ userId: 'ada', unregisteredAt: expect.any(String) });
    expect(Date.parse(left.unregisteredAt)).toBeGreaterThan(Date.parse(registered.registeredAt));
    expect((await app.request('GET', '/users/ada')).status).toBe(404);
    await until('both are announced', async () => {
      const events = await storedEvents(app.connection, 'user');
      return events.filter(({ body }) => body['userId'] === 'ada').length === 2;
    });
  });

  it('are refused with the same codes as over HTTP', async () => {
    await bus.execute(ada('taken'));
    for (const [command, method, path, request] of [
      [ada('taken'), 'POST', '/users', { id: 'taken', name: 'Ada', email: 'free@example.org' }],
      [
        new RegisterUser({ name: 'Ada', email: 'TAKEN@example.org' }),
        'POST',
        '/users',
        { name: 'Ada', email: 'taken@example.org' },
      ],
      [new FindUser({ userId: 'nobody' }), 'GET', '/users/nobody', undefined],
      [new UnregisterUser({ userId: 'nobody' }), 'DELETE', '/users/nobody', undefined],
    ] as const) {
      const answer = await app.request(method, path, request);
      const refused = await refusal(bus.execute<object>(command));
      expect({ ...(refused.body as object), statusCode: refused.status }).toEqual(answer.body);
    }
  });

  it('give one of many who want an id at once what they ask, over HTTP or as a command', async () => {
    const asked = Array.from({ length: 20 }, async (_, nr) => {
      if (nr % 2 === 0) {
        const { status } = await other.request('POST', '/users', {
          id: 'wanted',
          name: 'Ada',
          email: `wanted+${nr}@example.org`,
        });
        return status;
      }
      return bus.execute(ada('wanted')).then(
        () => 201,
        (error: unknown) => (error instanceof HttpException ? error.getStatus() : error),
      );
    });
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((outcome) => outcome === 201)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 409)).toHaveLength(19);
  }, 60_000);

  it('are refused where they break their class, and take plain JSON of any client', async () => {
    const ask = (body: object) => app.connection.nc.request('commands.user.register', JSON.stringify(body));
    const refused = await ask({ name: ' ', email: 'nobody' });
    expect(refused.headers?.get('Nats-Service-Error-Code')).toBe('422');
    expect(refused.json()).toMatchObject({ code: 'COMMAND_INVALID' });
    expect(refused.string()).not.toContain('nobody');
    const taken = await ask({ userId: 'plain', name: 'Ada', email: 'plain@example.org' });
    expect(taken.json()).toMatchObject({ userId: 'plain', origin: 'api', email: { $encrypted: 'A256GCM' } });
  });
});

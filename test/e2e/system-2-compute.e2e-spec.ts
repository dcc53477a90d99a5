import { HttpException } from '@nestjs/common';
import { Msg, NatsConnection } from '@nats-io/transport-node';
import { connect as openSocket } from 'node:net';
import { CommandBus } from '@millrace/commands';
import { FindUser, RegisterUser, UnregisterUser } from '@millrace/contracts';
import { AppProcess } from '../support/app.process.js';
import { eventually } from '../support/eventually.js';
import { OutsideApp, startOutsideApp } from '../support/outside.app.js';
import { SecureSystem } from '../support/secure.system.js';

interface EndpointStats {
  name: string;
  subject: string;
  num_requests: number;
}

/**
 * An event-driven compute service: nodes take registered work over a request-reply channel (register a user, unregister
 * a user), load-balanced, failing over, over a secure channel.
 */
describe('system 2: the compute service', () => {
  let system: SecureSystem;
  let nodes: AppProcess[];
  let caller: NatsConnection;
  let order: OutsideApp;
  let bus: CommandBus;

  beforeAll(async () => {
    system = await SecureSystem.start();
    nodes = await Promise.all([system.startApp('user'), system.startApp('user')]);
    caller = await system.connect('caller');
    order = await startOutsideApp({
      servers: system.url,
      name: 'order',
      user: 'order',
      password: system.passwordOf('order'),
      tls: { caFile: system.authority },
      encryptionKeys: system.encryptionKeys,
    });
    bus = order.get(CommandBus);
  }, 90_000);
  afterAll(async () => {
    await order?.close();
    await system?.stop();
  });

  const ask = (command: string, body: object): Promise<Msg> =>
    caller.request(`commands.user.${command}`, JSON.stringify(body), { timeout: 10_000 });
  const errorOf = ({ headers }: Msg): [code: string | undefined, message: string | undefined] => [
    headers?.get('Nats-Service-Error-Code'),
    headers?.get('Nats-Service-Error'),
  ];
  const ada = (userId: string) => ({ userId, name: 'Ada Lovelace', email: `${userId}@example.org` });

  it('registers and unregisters a user that any client asks for, in plain JSON', async () => {
    const registered = await ask('register', ada('plain'));
    expect(registered.json()).toMatchObject({ userId: 'plain', name: 'Ada Lovelace', origin: 'api' });
    expect(await nodes[0]?.get('/users/plain')).toMatchObject({
      status: 200,
      body: { id: 'plain', email: 'plain@example.org' },
    });
    expect((await ask('find', { userId: 'plain' })).json()).toMatchObject({ userId: 'plain' });
    expect((await ask('unregister', { userId: 'plain' })).json()).toMatchObject({ userId: 'plain' });
    expect(await nodes[1]?.get('/users/plain')).toMatchObject({ status: 404 });
  });

  it('refuses what cannot be done, and says why', async () => {
    await ask('register', ada('taken'));
    const taken = await ask('register', ada('taken'));
    expect(errorOf(taken)[0]).toBe('409');
    expect(taken.json()).toMatchObject({ response: { code: 'USER_EXISTS' } });
    expect(errorOf(await ask('unregister', { userId: 'nobody' }))[0]).toBe('404');
    expect(errorOf(await ask('register', { name: '', email: 'nobody' }))).toEqual(['422', 'COMMAND_INVALID']);
  });

  it('does the same for another application, with types on both sides', async () => {
    const { userId, email, registeredAt } = await bus.execute(new RegisterUser(ada('typed')));
    expect({ userId, email }).toEqual({ userId: 'typed', email: 'typed@example.org' });
    expect(await bus.execute(new FindUser({ userId }))).toMatchObject({ email, registeredAt });
    const { unregisteredAt } = await bus.execute(new UnregisterUser({ userId }));
    expect(Date.parse(unregisteredAt)).toBeGreaterThan(Date.parse(registeredAt));
    await expect(bus.execute(new FindUser({ userId }))).rejects.toMatchObject({
      status: 404,
      response: { code: 'USER_UNKNOWN' },
    });
  });

  /** How many requests each node has taken, by the services protocol. */
  const taken = async (endpoint: string): Promise<number[]> => {
    const counts: number[] = [];
    const answers = await caller.requestMany('$SRV.STATS.user', '', {
      maxWait: 3000,
      maxMessages: nodes.length,
    });
    for await (const answer of answers) {
      const { endpoints } = answer.json<{ endpoints: EndpointStats[] }>();
      const found = endpoints.filter(({ subject }) => subject === `commands.user.${endpoint}`);
      counts.push(found.reduce((sum, { num_requests: count }) => sum + count, 0));
    }
    return counts;
  };

  it('shares the work among its nodes', async () => {
    await bus.execute(new RegisterUser(ada('shared')));
    const before = await taken('find');
    await Promise.all(Array.from({ length: 300 }, () => bus.execute(new FindUser({ userId: 'shared' }))));
    const after = await taken('find');
    const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);
    expect(sum(after) - sum(before)).toBe(300);
    expect(after).toHaveLength(2);
    for (const count of after) expect(count).toBeGreaterThan(75);
  });

  it('goes on when a node is killed, and does no work twice or not at all', async () => {
    const ids = Array.from({ length: 200 }, (_, nr) => `failover-${nr}`);
    const outcomes = new Map<string, string>();
    let killing: Promise<unknown> | undefined;
    const work = async (id: string): Promise<void> => {
      const options = { retries: 10, timeout: '2s', idempotencyKey: id } as const;
      try {
        await bus.execute(new RegisterUser(ada(id)), options);
        outcomes.set(id, 'registered');
      } catch (error) {
        // The node that was killed may have done the work and not said so; then the next one finds it done.
        const exists = error instanceof HttpException && error.getStatus() === 409;
        outcomes.set(id, exists ? 'was registered' : String(error));
      }
      if (outcomes.size === 60) killing = nodes[0]?.end('SIGKILL');
    };
    const waiting = ids.values();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (const id of waiting) await work(id);
      }),
    );
    expect(await killing).toMatchObject({ signal: 'SIGKILL' });
    expect(new Set(outcomes.values())).toEqual(
      new Set([...outcomes.values()].filter((outcome) => /^(was )?registered$/.test(outcome))),
    );
    const registered = [...outcomes.values()].filter((outcome) => outcome === 'registered');
    expect(registered.length).toBeGreaterThan(ids.length - 20);
    for (const id of ids) expect((await nodes[1]?.get(`/users/${id}`))?.status).toBe(200);

    nodes[0] = await system.startApp('user');
    await eventually(async () => expect(await taken('find')).toHaveLength(2));
  }, 120_000);

  it('says at once when no node is there', async () => {
    const startedAt = performance.now();
    await expect(caller.request('commands.user.dance', '{}', { timeout: 10_000 })).rejects.toThrow(
      /no responders/i,
    );
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  describe('over a secure channel', () => {
    it('asks for TLS before it listens to anybody', async () => {
      const socket = openSocket(system.server.port, '127.0.0.1');
      let said = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await eventually(() => expect(said).toContain('"tls_required":true'));
      socket.write('CONNECT {"verbose":false}\r\nPING\r\n');
      await closed;
      expect(said).not.toContain('PONG');
      const unknownAuthority = system.connect('caller', { tls: {} });
      await expect(unknownAuthority).rejects.toThrow(/certificate|self.signed|issuer/i);
    });

    it('lets in who says who it is, and nobody else', async () => {
      await expect(system.connect('caller', { pass: 'guessed' })).rejects.toThrow(/authorization/i);
      await expect(system.connect('caller', { user: 'stranger' })).rejects.toThrow(/authorization/i);
    });

    it('lets a caller ask, and neither listen in nor publish', async () => {
      const nosy = await system.connect('caller');
      for (const subject of ['commands.>', 'events.>', '$KV.users.>']) {
        const listening = nosy.subscribe(subject);
        const read = async (): Promise<void> => {
          for await (const _ of listening) continue;
        };
        await expect(read()).rejects.toThrow(/permission/i);
      }
      const refused: string[] = [];
      void (async () => {
        for await (const status of nosy.status())
          if (status.type === 'error') refused.push(String(status.error));
      })();
      nosy.publish('events.user.registered.mallory', '{"userId":"mallory"}');
      await eventually(() => expect(refused).toContainEqual(expect.stringMatching(/permission/i)));
      expect(errorOf(await ask('find', { userId: 'mallory' }))[0]).toBe('404');
    });
  });
});

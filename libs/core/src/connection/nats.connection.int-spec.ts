import { AddressInfo, createServer, Socket } from 'node:net';
import { startNatsCluster } from '@millrace/nats-server';
import { headers as createHeaders, nkeys } from '@nats-io/transport-node';
import { Certificates, makeCertificates } from '../certificates.fixture.js';
import { recordingLog } from '../recording-log.fixture.js';
import { resources, timed, until } from '../server.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { NatsModuleOptions } from './nats-options.js';

const { start, open, onRelease, release } = resources();
afterEach(release, 60_000);

const refusal = (options: Partial<NatsModuleOptions>): Promise<unknown> => rejectionOf(open(options));

describe('authentication', () => {
  it.each([
    [{ token: 'secret-token' }, { token: 'secret-token' }, { token: 'wrong' }],
    [
      { user: 'me', password: 'secret' },
      { user: 'me', password: 'secret' },
      { user: 'me', password: 'wrong' },
    ],
    [{ user: 'me', password: 'secret' }, { user: 'me', password: 'secret' }, {}],
  ])(
    'by %j connects, and refuses others at once with a remedy',
    async (authorization, right, wrong) => {
      const server = await start({ config: { authorization } });
      await open({ servers: server.url, ...right });
      const { value: error, ms } = await timed(() =>
        refusal({ servers: server.url, connectTimeout: '10s', ...wrong }),
      );
      expect(error).toMatchObject({
        code: 'CONNECTION_REFUSED',
        message: expect.stringContaining('Check the credentials'),
        cause: expect.objectContaining({ name: 'AuthorizationError' }),
      });
      expect(ms).toBeLessThan(5_000);
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/secret|wrong/);
    },
    60_000,
  );

  it('by nkey connects, and refuses another', async () => {
    const [mine, other] = [nkeys.createUser(), nkeys.createUser()];
    const seed = (pair: typeof mine): string => Buffer.from(pair.getSeed()).toString();
    const server = await start({ config: { authorization: { users: [{ nkey: mine.getPublicKey() }] } } });
    await open({ servers: server.url, nkey: seed(mine) });
    expect(await refusal({ servers: server.url, nkey: seed(other) })).toMatchObject({
      code: 'CONNECTION_REFUSED',
    });
  }, 60_000);
});

describe('a user with few permissions', () => {
  const restricted = async (): Promise<string> => {
    const permissions = {
      publish: ['events.>', '$JS.API.STREAM.INFO.EVENTS'],
      subscribe: ['_INBOX_app.>'],
    };
    const users = [
      { user: 'root', password: 'p' },
      { user: 'app', password: 'p', permissions },
    ];
    const server = await start({ config: { authorization: { users } } });
    const root = await open({ servers: server.url, user: 'root', password: 'p' });
    await root.jsm.streams.add({ name: 'EVENTS', subjects: ['events.>'] });
    return server.url;
  };
  const app = { user: 'app', password: 'p', inboxPrefix: '_INBOX_app' };

  it('is told which option it needs', async () => {
    const servers = await restricted();
    expect(await refusal({ servers, ...app, requestTimeout: '1s', connectTimeout: '5s' })).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringContaining('checkApi: false'),
    });
  }, 60_000);

  it('works with checkApi: false and an inbox prefix of its own', async () => {
    const servers = await restricted();
    const { jsm, publisher } = await open({ servers, ...app, checkApi: false });
    const payload = Buffer.from('x');
    expect(await publisher.publish({ subject: 'events.a', payload, headers: createHeaders() })).toMatchObject(
      {
        stream: 'EVENTS',
        sequence: 1,
      },
    );
    expect((await jsm.streams.info('EVENTS')).state.messages).toBe(1);
  }, 60_000);
});

describe('TLS', () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  }, 60_000);
  afterAll(() => certificates.remove());

  const secured = async (more: Record<string, string | boolean> = {}): Promise<string> => {
    const { caFile, serverCert, serverKey } = certificates;
    const server = await start({
      config: { tls: { cert_file: serverCert, key_file: serverKey, ca_file: caFile, ...more } },
    });
    // The client would check the certificate of an address against `localhost`, too.
    return `nats://localhost:${server.port}`;
  };

  it('connects with the CA, and refuses a server that another CA signed', async () => {
    const servers = await secured();
    const connection = await open({ servers, tls: { caFile: certificates.caFile } });
    expect((await connection.jsm.getAccountInfo()).streams).toBe(0);
    for (const tls of [{ caFile: certificates.strangerCaFile }, {}]) {
      const { value: error, ms } = await timed(() => refusal({ servers, tls, connectTimeout: '10s' }));
      expect(error).toMatchObject({
        code: 'CONNECTION_REFUSED',
        message: expect.stringContaining('TLS files'),
      });
      expect(ms).toBeLessThan(5_000);
    }
  }, 60_000);

  it('refuses an unknown certificate though no TLS was asked for', async () => {
    const servers = await secured();
    expect(await refusal({ servers, connectTimeout: '10s' })).toMatchObject({ code: 'CONNECTION_REFUSED' });
  }, 60_000);

  it('connects with a client certificate where the server wants one, and not without', async () => {
    const servers = await secured({ verify: true });
    const { caFile, clientCert: certFile, clientKey: keyFile } = certificates;
    const connection = await open({ servers, tls: { caFile, certFile, keyFile } });
    expect(connection.health.current.state).toBe('connected');
    expect(await refusal({ servers, tls: { caFile }, connectTimeout: '1s' })).toMatchObject({
      code: expect.stringMatching(/^CONNECTION_(REFUSED|FAILED)$/),
    });
  }, 60_000);

  it('does not use a server without TLS where TLS was asked for', async () => {
    const server = await start();
    const error = await refusal({
      servers: server.url,
      tls: { caFile: certificates.caFile },
      connectTimeout: '500ms',
    });
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', message: expect.stringContaining("'tls'") });
  }, 60_000);

  it('fails clearly on a CA file that holds none', async () => {
    const servers = await secured();
    const error = await refusal({ servers, tls: { ca: 'no certificate' }, connectTimeout: '2s' });
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED' });
  }, 60_000);
});

describe('a server that is not there', () => {
  const silentServer = async (): Promise<string> => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onRelease(
      () =>
        new Promise((resolve) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => resolve());
        }),
    );
    return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('fails within connectTimeout, with a remedy', async () => {
    const server = await start();
    await server.kill();
    const { value: error, ms } = await timed(() => refusal({ servers: server.url, connectTimeout: '1s' }));
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining("'npx millrace-nats'"),
      details: { servers: [server.url] },
    });
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(2_000);
  }, 60_000);

  it('fails within connectTimeout though it accepts and stays silent, at each of several addresses', async () => {
    const servers = [await silentServer(), await silentServer(), await silentServer()];
    const { value: error, ms } = await timed(() => refusal({ servers, connectTimeout: '2s' }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(ms).toBeLessThan(3_000);
  }, 60_000);

  it('is waited for', async () => {
    const server = await start();
    await server.kill();
    const opening = open({ servers: server.url, connectTimeout: '20s' });
    await server.restart();
    expect((await opening).health.current.state).toBe('connected');
  }, 60_000);

  it('is not looked for where the options cannot work', async () => {
    expect(await refusal({ servers: 'ws://127.0.0.1:1' })).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('is one of several that answers', async () => {
    const [dead, alive] = [await start(), await start()];
    await dead.kill();
    const connection = await open({ servers: [dead.url, alive.url] });
    expect(connection.nc.getServer()).toBe(`127.0.0.1:${alive.port}`);
  }, 60_000);
});

it('says so where JetStream is not enabled, and leaves no connection behind', async () => {
  const server = await start({ jetstream: false });
  expect(await refusal({ servers: server.url })).toMatchObject({
    code: 'CONNECTION_REFUSED',
    message: expect.stringMatching(/JetStream is not enabled.*--jetstream/),
  });
  await until('the connection to be gone', async () => {
    const varz: unknown = await (await fetch(`${server.monitoringUrl}/varz`)).json();
    return (varz as { connections: number }).connections === 0;
  });
}, 60_000);

describe('a cluster', () => {
  it('without a majority is waited for, and named when it does not come back', async () => {
    const cluster = await startNatsCluster({ size: 3 });
    onRelease(() => cluster.stop());
    // A leader answers on for a while after it has lost its majority; one that follows never does.
    const leader = await cluster.leader();
    const [first, second] = cluster.servers.filter((server) => server !== leader);
    await Promise.all([leader?.kill(), second?.kill()]);
    const options = { servers: first?.url ?? '', requestTimeout: '500ms' } as const;
    const { value: error, ms } = await timed(() => refusal({ ...options, connectTimeout: '1s' }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', message: expect.stringContaining('majority') });
    expect(ms).toBeLessThan(2_500);
    const opening = open({ ...options, connectTimeout: '50s' });
    await Promise.all([leader?.restart(), second?.restart()]);
    expect((await opening).health.current.state).toBe('connected');
  }, 120_000);
});

describe('health', () => {
  it('follows the server through a restart, logging each change once, and ends with the connection', async () => {
    const server = await start();
    const log = recordingLog();
    const connection = await open({ servers: server.url }, log);
    const states: string[] = [];
    let completed = false;
    connection.health.changes.subscribe({
      next: ({ state }) => states.push(state),
      complete: () => (completed = true),
    });
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await server.restart({ signal });
      await until(
        'the connection to be back',
        () => states.at(-1) === 'connected' && states.length % 2 === 1,
      );
      await until(`a change after ${signal}`, () => states.length >= (signal === 'SIGKILL' ? 3 : 5));
      expect((await connection.jsm.getAccountInfo()).streams).toBe(0);
    }
    await connection.close();
    await connection.close();
    expect(states).toEqual(['connected', 'reconnecting', 'connected', 'reconnecting', 'connected', 'closed']);
    expect(completed).toBe(true);
    const address = `127.0.0.1:${server.port}`;
    expect(log.lines.filter((line) => !line.includes('is about to shut down'))).toEqual([
      `log: NATS: connected to ${address} (${server.version}) as test`,
      `warn: NATS: lost ${address}; reconnecting`,
      `log: NATS: connected to ${address}`,
      `warn: NATS: lost ${address}; reconnecting`,
      `log: NATS: connected to ${address}`,
      'log: NATS: connection closed',
    ]);
  }, 60_000);
});

describe('close', () => {
  it('is bounded while the server is away', async () => {
    const server = await start();
    const connection = await open({ servers: server.url });
    await server.kill();
    await until('the loss to be seen', () => connection.health.current.state === 'reconnecting');
    const { ms } = await timed(() => connection.close());
    expect(ms).toBeLessThan(2_000);
    expect(connection.nc.isClosed()).toBe(true);
  }, 60_000);

  it('is bounded while the server is frozen', async () => {
    const server = await start();
    const connection = await open({ servers: server.url });
    await server.pause();
    const { ms } = await timed(() => connection.close());
    expect(ms).toBeLessThan(7_000);
    expect(connection.nc.isClosed()).toBe(true);
    await server.resume();
  }, 60_000);
});

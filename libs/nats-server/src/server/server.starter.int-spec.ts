import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { isProcessAlive } from '../binary/process.probe.js';
import { until } from '../child.fixture.js';
import { request, serverInfo } from '../raw-client.fixture.js';
import { tempDirectory } from '../temp.fixture.js';
import type { NatsServer } from './nats-server.js';
import type { NatsServerOptions } from './server.options.js';
import { pickPorts } from './server.ports.js';
import { startNatsServer } from './server.starter.js';

const STREAM = { name: 'S', subjects: ['s.>'], storage: 'file' };

describe('startNatsServer', () => {
  const started: NatsServer[] = [];
  let temp: Awaited<ReturnType<typeof tempDirectory>>;
  beforeAll(async () => {
    temp = await tempDirectory();
  }, 180_000);
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.stop()));
  });
  afterAll(() => temp.remove());

  async function start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = await startNatsServer(options);
    started.push(server);
    return server;
  }

  it('gives a ready JetStream server on free ports, and stop() removes every trace', async () => {
    const server = await start();
    expect(await request(server.url, '$JS.API.INFO')).toMatchObject({ streams: 0 });
    const health = await fetch(`${server.monitoringUrl}/healthz`);
    expect([server.url, await health.json()]).toEqual([`nats://127.0.0.1:${server.port}`, { status: 'ok' }]);
    const { exited, pid, storeDir } = server;
    await Promise.all([server.stop(), server.stop()]);
    expect(await exited).toEqual({ pid, code: 0, signal: null, expected: true });
    expect(isProcessAlive(pid)).toBe(false);
    expect(existsSync(dirname(storeDir ?? '/'))).toBe(false);
    await expect(server.restart()).rejects.toMatchObject({ code: 'NATS_SERVER_NOT_RUNNING' });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'restarts after %s on the same ports with its data',
    async (signal) => {
      const server = await start({ storeDir: join(temp.path, signal) });
      const { url, monitoringUrl, pid } = server;
      await request(url, '$JS.API.STREAM.CREATE.S', STREAM);
      for (let index = 0; index < 5; index++) await request(url, 's.x', `message ${index}`);
      await server.restart({ signal });
      expect(server.pid).not.toBe(pid);
      expect(isProcessAlive(pid)).toBe(false);
      expect([server.url, server.monitoringUrl]).toEqual([url, monitoringUrl]);
      expect(await request(url, '$JS.API.STREAM.INFO.S')).toMatchObject({ state: { messages: 5 } });
      await server.stop();
      expect(existsSync(join(temp.path, signal, 'jetstream'))).toBe(true);
    },
  );

  it('resolves kill() when the process is gone, and can be started again', async () => {
    const server = await start();
    const { pid, exited } = server;
    await server.kill('SIGKILL');
    expect([isProcessAlive(pid), server.running]).toEqual([false, false]);
    expect(await exited).toEqual({ pid, code: null, signal: 'SIGKILL', expected: true });
    await expect(server.kill()).rejects.toMatchObject({ code: 'NATS_SERVER_NOT_RUNNING' });
    await server.restart();
    expect(await request(server.url, '$JS.API.INFO')).toMatchObject({ streams: 0 });
  });

  it('waits a moment for a port that was taken meanwhile', async () => {
    const server = await start();
    await server.kill();
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(server.port, '127.0.0.1', resolve));
    const restarted = server.restart();
    let settled = false;
    void restarted.finally(() => (settled = true));
    await until('a refused bind in the log', async () =>
      (await server.logTail()).some((line) => line.includes('in use')),
    );
    expect(settled).toBe(false);
    await new Promise((resolve) => thief.close(resolve));
    await restarted;
    expect(server.running).toBe(true);
  });

  it('pauses and resumes, and stops even while paused', async () => {
    const server = await start();
    const answers = () =>
      fetch(`${server.monitoringUrl}/healthz`, { signal: AbortSignal.timeout(400) }).then(
        () => true,
        () => false,
      );
    await server.pause();
    expect(await answers()).toBe(false);
    await server.resume();
    expect(await answers()).toBe(true);
    await server.pause();
    const { exited } = server;
    await server.stop();
    expect(await exited).toMatchObject({ code: 0, signal: null });
  });

  it('tells of a process that died by itself', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toMatchObject({ signal: 'SIGKILL', expected: false });
  });

  it('says why a server did not start, with the end of its log', async () => {
    await expect(start({ config: 'no_such_field: 1' })).rejects.toMatchObject({
      code: 'NATS_SERVER_START_FAILED',
      message: expect.stringMatching(/exited with code 1[^]*unknown field "no_such_field"/),
    });
  });

  it('refuses a fixed port that is taken, at once', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: 'NATS_SERVER_PORT_IN_USE', port });
  });

  it('gives up on a server that is not ready in time, and ends it', async () => {
    const logFile = join(temp.path, 'late.log');
    // Without the ports file, readiness cannot be seen.
    const failure = await start({ logFile, readyTimeoutMs: 500, config: 'ports_file_dir: ""' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'NATS_SERVER_NOT_READY',
      message: expect.stringMatching(/within 500 ms, waiting for the server to report its ports/),
    });
    const pid = Number(/^\[(\d+)\]/.exec(await readFile(logFile, 'utf8'))?.[1]);
    expect(isProcessAlive(pid)).toBe(false);
  });

  it('hands the log to a listener, or to a file', async () => {
    const lines: string[] = [];
    await start({ onLog: (line) => lines.push(line), debug: true });
    expect(lines.join('\n')).toMatch(/Server is ready/);
    expect(lines.join('\n')).toMatch(/\[DBG\]/);
    const logFile = join(temp.path, 'own.log');
    await start({ logFile });
    expect(await readFile(logFile, 'utf8')).toMatch(/Server is ready/);
    await expect(start({ logFile, onLog: () => {} })).rejects.toMatchObject({
      code: 'NATS_SERVER_OPTION_INVALID',
    });
  });

  it('passes configuration on: text, an object, a name', async () => {
    const text = await start({ config: 'max_payload: 4096', name: 'mine' });
    const varz = (server: NatsServer) =>
      fetch(`${server.monitoringUrl}/varz`).then((response) => response.json());
    expect(await varz(text)).toMatchObject({ max_payload: 4096, server_name: 'mine' });
    const object = await start({ config: { max_payload: 8192, jetstream: { max_file_store: 1_000_000 } } });
    expect(await varz(object)).toMatchObject({
      max_payload: 8192,
      jetstream: { config: { max_storage: 1_000_000, store_dir: join(object.storeDir ?? '', 'jetstream') } },
    });
  });

  it('runs a configuration file as it is, with the variables that it refers to', async () => {
    const [port = 0, monitoringPort = 0] = pickPorts(2);
    const store = join(temp.path, 'deployed');
    const configFile = join(temp.path, 'deployed.conf');
    await writeFile(
      configFile,
      `server_name: $NAME\nlisten: "127.0.0.1:${port}"\nhttp: "127.0.0.1:${monitoringPort}"\njetstream { store_dir: $STORE }\n`,
    );
    const server = await start({ configFile, configEnv: { NAME: 'nats-0', STORE: store } });
    expect(server).toMatchObject({
      port,
      monitoringUrl: `http://127.0.0.1:${monitoringPort}`,
      storeDir: undefined,
    });
    await request(server.url, '$JS.API.STREAM.CREATE.S', STREAM);
    await server.restart({ signal: 'SIGKILL' });
    expect(await serverInfo(server.url)).toMatchObject({ server_name: 'nats-0', port });
    expect(await request(server.url, '$JS.API.INFO')).toMatchObject({ streams: 1 });
    expect((await server.logTail()).join()).toMatch(/Server is ready/);
    expect(existsSync(join(store, 'jetstream'))).toBe(true);
  });

  it('says what is wrong with a configuration file of yours, and lets nothing contradict it', async () => {
    const configFile = join(temp.path, 'broken.conf');
    await writeFile(configFile, 'server_name: $NOWHERE\n');
    await expect(start({ configFile })).rejects.toMatchObject({
      code: 'NATS_SERVER_START_FAILED',
      message: expect.stringContaining("variable reference for 'NOWHERE'"),
    });
    for (const options of [{ configFile, port: 4222 }, { configFile, config: 'a: 1' }, { configEnv: {} }]) {
      await expect(start(options)).rejects.toMatchObject({ code: 'NATS_SERVER_OPTION_INVALID' });
    }
  });

  it('starts without JetStream and without monitoring', async () => {
    const server = await start({ jetstream: false, monitoring: false });
    expect([server.monitoringUrl, server.storeDir]).toEqual([undefined, undefined]);
    const info = await serverInfo(server.url);
    expect(info).toMatchObject({ port: server.port, server_name: server.name });
    expect(info).not.toHaveProperty('jetstream');
  });

  it('keeps its configuration, which may hold passwords, to its user', async () => {
    const server = await start();
    const runDir = dirname(server.storeDir ?? '');
    expect(
      ((await stat(join(runDir, 'nats-server.conf'))).mode & 0o077) + ((await stat(runDir)).mode & 0o077),
    ).toBe(0);
  });

  it('refuses an impossible port', async () => {
    await expect(start({ port: 70_000 })).rejects.toMatchObject({ code: 'NATS_SERVER_OPTION_INVALID' });
  });
});

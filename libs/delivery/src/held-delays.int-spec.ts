import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Engine, until } from './engine.fixture.js';
import { constant, Delivery } from './index.js';

jest.setTimeout(20_000);

const FIXTURE = fileURLToPath(new URL('../fixtures/failing-consumer.mjs', import.meta.url));

describe('the wait for the next attempt', () => {
  let server: NatsServer;
  let engine: Engine;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url);
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await engine.close();
  });
  afterAll(() => server.stop());

  it('is kept by the server: longer than ackWait, and after the process was killed', async () => {
    await engine.publish(1);
    child = spawn(process.execPath, [FIXTURE, server.url, engine.stream, '3000', '500'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout) await once(child.stdout, 'data');
    const failedAt = performance.now();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const taken: { attempt: number; afterMs: number }[] = [];
    await engine.consume(
      ({ attempt }: Delivery) => void taken.push({ attempt, afterMs: performance.now() - failedAt }),
      { ackWaitMs: 500 },
    );
    await engine.settled();
    expect(taken.map(({ attempt }) => attempt)).toEqual([2]);
    // Six times ackWait, and no sooner than said.
    expect(taken[0]?.afterMs).toBeGreaterThan(2800);
    expect(taken[0]?.afterMs).toBeLessThan(6000);
  });

  // The server keeps not when a message is due, but when its ackWait would have had to begin for it.
  it('is shifted by as much as ackWait is changed by meanwhile', async () => {
    const times: number[] = [];
    await engine.publish(1);
    const handler = (): void => {
      times.push(performance.now());
      if (times.length === 1) throw new Error('no');
    };
    const retry = { attempts: 5, backoff: constant(5000) };
    const first = await engine.consume(handler, { ackWaitMs: 5000, retry });
    await until('the first attempt', () => times.length === 1);
    await engine.connection.nc.flush();
    await first.stop();
    await engine.consume(handler, { ackWaitMs: 1000, retry });
    await engine.settled();
    const [failed = 0, again = 0] = times;
    // After 1 s in place of 5.
    expect(again - failed).toBeGreaterThan(800);
    expect(again - failed).toBeLessThan(4000);
  });
});

import { jest } from '@jest/globals';
import { NatsCluster, startNatsCluster } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, sorted, until } from './engine.fixture.js';
import { constant } from './index.js';

jest.setTimeout(20_000);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('on a cluster of three', () => {
  let cluster: NatsCluster;
  let engine: Engine;
  beforeAll(async () => {
    cluster = await startNatsCluster({ size: 3 });
    engine = await Engine.open(cluster.url, 3);
  }, 40_000);
  afterAll(async () => {
    await engine.close();
    await cluster.stop();
  });

  it('loses nothing when the leader of the stream is killed in mid-stream', async () => {
    const count = 3000;
    const handled = new Map<string, number>();
    let failures = 0;
    let lastHandled = performance.now();
    let longestGap = 0;
    const second = await engine.connect();
    const handler = async (message: { body: Uint8Array; attempt: number }): Promise<void> => {
      const body = bodyOf(message);
      await pause(1);
      longestGap = Math.max(longestGap, performance.now() - lastHandled);
      lastHandled = performance.now();
      if (Number(body) % 50 === 0 && message.attempt === 1) {
        failures++;
        throw new Error('once');
      }
      handled.set(body, (handled.get(body) ?? 0) + 1);
    };
    const setup = { ackWaitMs: 3000, concurrency: 8, retry: { attempts: 10, backoff: constant(50) } };
    await engine.consume(handler, setup);
    await engine.consume(handler, setup, second);
    const publishing = engine.publish(count);
    await until('the stream to flow', () => handled.size > 300);
    const { cluster: group } = await engine.connection.jsm.streams.info(engine.stream);
    const leader = cluster.servers.find(({ name }) => name === group?.leader);
    await leader!.kill('SIGKILL');
    await publishing;
    await until('every message', () => handled.size === count, 25_000);
    await engine.settled('g', 20_000);
    expect(sorted([...handled.keys()])).toEqual(bodies(count));
    expect(failures).toBeGreaterThan(0);
    let letters: unknown[] | undefined;
    await until('the dead letters to be readable', async () => {
      letters = await engine.letters().catch(() => undefined);
      return letters !== undefined;
    });
    expect(letters).toEqual([]);
    const again = [...handled.values()].filter((times) => times > 1).length;
    process.stdout.write(
      `leader killed: a gap of ${Math.round(longestGap)} ms, ${again} of ${count} twice\n`,
    );
    // An election, and the ackWait of what was on its way.
    expect(longestGap).toBeLessThan(15_000);
  }, 60_000);
});

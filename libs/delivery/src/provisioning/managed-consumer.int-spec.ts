import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, gate, sorted, until } from '../engine.fixture.js';
import { ManagedConsumer } from '../index.js';

jest.setTimeout(20_000);

describe('ManagedConsumer', () => {
  let server: NatsServer;
  let engine: Engine;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url);
  });
  afterEach(() => engine.close());
  afterAll(() => server.stop());

  it('restores below what another replica has not settled yet, whoever restores', async () => {
    const { opened, open } = gate();
    const handled: string[] = [];
    const other = await engine.connect();
    await engine.publish(100);
    // The first replica holds message 10 for the whole test; the second one settles all the others.
    const slow = await engine.consume(
      async (message) => {
        if (bodyOf(message) === '10') await opened;
        handled.push(bodyOf(message));
      },
      { concurrency: 60 },
    );
    const quick = await engine.consume((message) => void handled.push(bodyOf(message)), {}, other);
    await until('all but one', () => handled.length === 99);
    await until('their answers', async () => (await engine.info()).unsettled === 1);
    expect((await engine.info()).floor).toBe(10);
    // Both read the floor of just now, the replica that has settled everything of its own among them.
    await Promise.all([slow.consumer.ensure(), quick.consumer.ensure()]);
    await slow.stop(0);
    await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    await quick.consumer.restore();
    await until('the held message', () => handled.includes('10'));
    expect(sorted([...new Set(handled)])).toEqual(bodies(100));
    expect(handled.filter((body) => Number(body) < 10)).toHaveLength(10);
    open();
  });

  it('restored by ten replicas at once is one consumer that skips nothing', async () => {
    await engine.publish(50);
    const replicas: ManagedConsumer[] = Array.from({ length: 10 }, () => engine.managed());
    for (const replica of replicas.slice(0, 5)) await replica.ensure();
    const message = await engine.consume(() => undefined);
    await engine.settled();
    await message.stop();
    // Half of them know an older floor than the other half.
    for (const replica of replicas.slice(5)) await replica.ensure();
    await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    await engine.publish(10);
    await Promise.all(replicas.map((replica) => replica.restore()));
    const { config, num_pending } = await engine.connection.jsm.consumers.info(engine.stream, 'g');
    expect([1, 51]).toContain(config.opt_start_seq);
    expect(num_pending).toBeGreaterThanOrEqual(10);
    for (const replica of replicas) replica.stop();
  });

  it('takes back limits on requests that would make the server refuse them', async () => {
    const consumer = engine.managed();
    await consumer.ensure();
    await engine.connection.jsm.consumers.update(engine.stream, 'g', { max_batch: 5, max_expires: 1e9 });
    await consumer.ensure();
    const { config } = await engine.connection.jsm.consumers.info(engine.stream, 'g');
    expect([config.max_batch ?? 0, config.max_expires ?? 0]).toEqual([0, 0]);
    consumer.stop();
  });

  it('goes on in spite of such limits set while it runs, and says so', async () => {
    const handled: string[] = [];
    const warnings: string[] = [];
    const connection = await engine.connect();
    connection.log.warn = (line: string) => void warnings.push(line);
    await engine.consume((message) => void handled.push(bodyOf(message)), { concurrency: 20 }, connection);
    await until(
      'the request',
      async () => (await engine.connection.jsm.consumers.info(engine.stream, 'g')).num_waiting > 0,
    );
    await engine.connection.jsm.consumers.update(engine.stream, 'g', { max_batch: 5 });
    await engine.publish(500);
    await until('the warning', () => warnings.some((line) => line.includes('Exceeded MaxRequestBatch')));
    await engine.connection.jsm.consumers.update(engine.stream, 'g', { max_batch: 0 });
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(500));
  }, 20_000);
});

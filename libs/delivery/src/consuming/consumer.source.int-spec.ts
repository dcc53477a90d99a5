import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, gate, Replica, sorted, until } from '../engine.fixture.js';
import { constant } from '../index.js';

jest.setTimeout(20_000);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Source {
  owed: number;
  renew(): void;
  options: { restore: () => Promise<void> };
}
/** The source inside a replica's loop, to provoke what else only an accident does. */
const sourceOf = ({ loop }: Replica): Source => (loop as unknown as { source: Source }).source;

describe('ConsumerSource', () => {
  let server: NatsServer;
  let engine: Engine;
  beforeEach(async () => {
    server = await startNatsServer();
    engine = await Engine.open(server.url);
  });
  afterEach(async () => {
    await engine.close();
    await server.stop();
  });

  const sessionsOf = async (): Promise<number> =>
    (await engine.connection.jsm.consumers.info(engine.stream, 'g')).num_waiting;

  it('drops nothing that is on its way when its session is replaced', async () => {
    const handled: [string, number][] = [];
    await engine.publish(2000);
    const replica = await engine.consume(
      (message) => {
        handled.push([bodyOf(message), message.attempt]);
        // The messages behind this one are in the socket, and a whole request of them stands at the server.
        if (handled.length % 400 === 1) sourceOf(replica).renew();
      },
      { concurrency: 1000 },
    );
    await until('every message', () => handled.length === 2000, 5000);
    expect(handled.filter(([, attempt]) => attempt !== 1)).toEqual([]);
  });

  it('asks for the right number after requests that ended in every way', async () => {
    const handled: string[] = [];
    const replica = await engine.consume((message) => void handled.push(bodyOf(message)), {
      concurrency: 10,
    });
    const source = sourceOf(replica);
    // 408 with 10 left, then a part of a request, then a deleted consumer with 5 owed.
    await until('the first request', () => source.owed === 10);
    await engine.publish(5);
    await until('the messages', () => handled.length === 5);
    expect(source.owed).toBeLessThanOrEqual(10);
    await until('the request to end and another to begin', async () => source.owed >= 9, 8000);
    await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    await until('the consumer', async () => {
      const found = await engine.connection.jsm.consumers.info(engine.stream, 'g').catch(() => undefined);
      return (found?.num_waiting ?? 0) > 0;
    });
    await engine.publish(2000);
    await engine.settled();
    expect(new Set(handled).size).toBe(2005);
    await until('nothing to be owed beyond what may be held', () => source.owed <= 1010);
  }, 20_000);

  it('goes on after a consumer is deleted again and again under two replicas, and loses nothing', async () => {
    const handled = new Set<string>();
    const other = await engine.connect();
    const handler = async (message: { body: Uint8Array }): Promise<void> => {
      await pause(1);
      handled.add(bodyOf(message));
    };
    const setup = { concurrency: 4, ackWaitMs: 2000 };
    await engine.consume(handler, setup);
    await engine.consume(handler, setup, other);
    for (let round = 0; round < 4; round++) {
      await engine.publish(500);
      await until('some of it', () => handled.size >= round * 500 + 100);
      await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    }
    await until('every message', () => handled.size === 2000);
    await engine.settled();
    expect(sorted([...handled])).toEqual(bodies(2000));
  }, 30_000);

  it('reads a new stream from its beginning, also one that is longer than the old one was', async () => {
    const handled: string[] = [];
    const replica = await engine.consume((message) => void handled.push(bodyOf(message)), {});
    await engine.publish(50);
    await engine.settled();
    // As the tracker would have noted it.
    await replica.consumer.ensure();
    await engine.connection.jsm.streams.delete(engine.stream);
    await engine.ensureStream();
    await engine.publish(100);
    await until('the new stream', () => handled.length >= 150);
    expect(sorted([...new Set(handled)])).toEqual(bodies(150));
  }, 20_000);

  it('makes an ephemeral consumer again that the server has removed, and misses nothing meanwhile', async () => {
    const handled: string[] = [];
    await engine.consume((message) => void handled.push(bodyOf(message)), {
      group: 'own',
      inactiveMs: 60_000,
      from: 'new',
    });
    await engine.publish(10);
    await until('the first', () => handled.length === 10);
    await engine.connection.jsm.consumers.delete(engine.stream, 'own');
    await engine.publish(10);
    await until('the rest', () => new Set(handled).size === 20);
    const { config } = await engine.connection.jsm.consumers.info(engine.stream, 'own');
    expect(config.inactive_threshold).toBe(60_000e6);
  });

  it('makes no consumer any more once it has stopped', async () => {
    const replica = await engine.consume(() => undefined);
    await until('the request', async () => (await sessionsOf()) > 0);
    const { opened, open } = gate();
    let restoring = false;
    const { options } = sourceOf(replica);
    const { restore } = options;
    options.restore = async () => {
      restoring = true;
      await opened;
      await restore();
    };
    await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    await until('the restoring', () => restoring);
    const stopping = replica.stop(2000);
    open();
    await stopping;
    await replica.consumer.remove();
    await pause(200);
    await expect(engine.connection.jsm.consumers.info(engine.stream, 'g')).rejects.toThrow('not found');
  });

  it('keeps one session when a reconnect and a recovery meet', async () => {
    const handled: string[] = [];
    await engine.consume((message) => void handled.push(bodyOf(message)), {
      concurrency: 10,
      ackWaitMs: 30_000,
    });
    await until('the request', async () => (await sessionsOf()) === 1);
    const { nc } = engine.connection;
    const before = nc.stats().outMsgs;
    // The consumer's loss begins a recovery, and the reconnect comes in the middle of it.
    await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    await nc.reconnect();
    await until(
      'the return',
      () => engine.connection.health.current.state === 'connected' && nc.stats().outMsgs > before,
    );
    await engine.publish(300);
    await until('every message', () => new Set(handled).size === 300);
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(300));
  });

  it('sends the answers that were given while the server was away', async () => {
    const handled: string[] = [];
    const { opened, open } = gate();
    await engine.publish(30);
    await engine.consume(
      async (message) => {
        await opened;
        handled.push(bodyOf(message));
      },
      { concurrency: 10, ackWaitMs: 4000, retry: { attempts: 1, backoff: constant(0) } },
    );
    await until('the handlers', async () => (await engine.info()).unsettled === 10);
    await server.kill('SIGTERM');
    await until('the loss', () => engine.connection.health.current.state === 'reconnecting');
    open();
    await until('the handlers to end', () => handled.length >= 10);
    await server.restart();
    await until('every message', () => handled.length >= 30);
    await engine.settled();
    // With a single attempt, an answer that got lost would have made a dead letter of a handled message.
    expect(sorted(handled)).toEqual(bodies(30));
    expect(await engine.letters()).toEqual([]);
  }, 20_000);

  it('goes on after the server stood still, and loses nothing', async () => {
    const handled = new Set<string>();
    await engine.consume(
      async (message) => {
        await pause(1);
        handled.add(bodyOf(message));
      },
      { concurrency: 4, ackWaitMs: 3000 },
    );
    await engine.publish(200);
    await until('some of it', () => handled.size > 50);
    await server.pause();
    await pause(4000);
    await server.resume();
    const resumed = performance.now();
    await engine.publish(800);
    await until('every message', () => handled.size === 1000);
    expect(performance.now() - resumed).toBeLessThan(8000);
  }, 30_000);

  it('leaves nothing behind in the process, however often it reconnects and stops', async () => {
    const { nc, health } = engine.connection;
    const subscriptions = (): number =>
      (nc as unknown as { protocol: { subscriptions: { subs: Map<number, unknown> } } }).protocol
        .subscriptions.subs.size;
    const listeners = (): number =>
      (health as unknown as { subject: { observers: unknown[] } }).subject.observers.length;
    await engine.publish(1);
    const [subscribed, listening] = [subscriptions(), listeners()];
    for (let i = 0; i < 30; i++) {
      const replica = await engine.consume(() => undefined, { group: 'again' });
      sourceOf(replica).renew();
      await replica.stop();
    }
    expect(subscriptions()).toBeLessThanOrEqual(subscribed);
    expect(listeners()).toBe(listening);
  });
});

import { whenReady } from '@millrace/core';
import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, gate, sorted, until } from '../engine.fixture.js';
import { constant, Delivery, Gate, Handler, Outcome, timeout } from '../index.js';

jest.setTimeout(20_000);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('ConsumerLoop', () => {
  let server: NatsServer;
  let engine: Engine;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

  beforeAll(async () => {
    server = await startNatsServer();
    process.on('unhandledRejection', onUnhandled);
  });
  beforeEach(async () => {
    unhandled.length = 0;
    engine = await Engine.open(server.url);
  });
  afterEach(async () => {
    await engine.close();
    if (unhandled.length > 0) throw new AggregateError(unhandled, 'Unhandled rejections');
  });
  afterAll(async () => {
    process.off('unhandledRejection', onUnhandled);
    await server.stop();
  });

  it('settles 20,000 messages exactly as their handlers decide', async () => {
    const count = 20_000;
    const policy = { attempts: 3, backoff: constant(20) };
    const calls = new Map<number, number>();
    // 0 and most others: at once · 1: once more · 2: all attempts fail · 3: too slow once · 4: hopeless at once.
    const planOf = (n: number): number => (n % 97 < 5 ? n % 97 : 0);
    const expectedCalls = [1, 2, 3, 2, 1];
    await engine.publish(count);
    await engine.consume(
      async (message) => {
        const n = Number(bodyOf(message));
        const call = (calls.get(n) ?? 0) + 1;
        calls.set(n, call);
        expect(message.attempt).toBe(call);
        switch (planOf(n)) {
          case 1:
            if (call === 1) throw new Error('not yet');
            return;
          case 2:
            throw new Error(`never ${n}`);
          case 3:
            // Ends only because its time is up.
            if (call === 1)
              await new Promise((_, reject) => message.signal.addEventListener('abort', reject));
            return;
          default:
        }
      },
      {
        concurrency: 64,
        retry: policy,
        inner: [
          timeout(50, engine.connection.clock),
          (next) => (message) =>
            planOf(Number(bodyOf(message))) === 4
              ? whenReady(next(message), (): Outcome => ({
                  kind: 'dead-letter',
                  cause: new Error('hopeless'),
                }))
              : next(message),
        ],
      },
    );
    await engine.settled('g', 60_000);
    const wrong = bodies(count).filter((n) => calls.get(Number(n)) !== expectedCalls[planOf(Number(n))]);
    expect(wrong).toEqual([]);
    const letters = await engine.letters();
    const dead = bodies(count).filter((n) => [2, 4].includes(planOf(Number(n))));
    expect(sorted(letters.map(bodyOf))).toEqual(dead);
    for (const letter of letters) {
      const n = Number(bodyOf(letter));
      expect(letter.cause.message).toBe(planOf(n) === 2 ? `never ${n}` : 'hopeless');
      expect(letter.attempts).toBe(planOf(n) === 2 ? 3 : 1);
    }
  }, 90_000);

  it('handles a message once, however much longer than ackWait the handler takes and others wait', async () => {
    const handled: string[] = [];
    await engine.publish(6);
    await engine.consume(
      async (message) => {
        await pause(700);
        handled.push(bodyOf(message));
      },
      { concurrency: 2, ackWaitMs: 300 },
    );
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(6));
    expect((await engine.info()).redelivered).toBe(0);
  });

  it('works a long line off where every handler ends at once', async () => {
    let handled = 0;
    let isOpen = false;
    let proceed = (): void => undefined;
    const count = 5000;
    const closed: Gate = {
      admit: (wanted) => (isOpen ? wanted : 0),
      waitingLimit: count,
      watch: (listener) => {
        proceed = listener;
        return () => undefined;
      },
      stop: () => undefined,
    };
    await engine.publish(count);
    const { loop } = await engine.consume(() => void handled++, { concurrency: count, gate: closed });
    await until('all to wait', () => loop.inHand === count);
    isOpen = true;
    proceed();
    expect(handled).toBe(count);
    await engine.settled();
  });

  it('runs no more handlers at once than allowed, and lets none of their places stay empty', async () => {
    let running = 0;
    let most = 0;
    const sizes: number[] = [];
    await engine.publish(200);
    await engine.consume(
      async () => {
        most = Math.max(most, ++running);
        sizes.push(running);
        await pause(5 + Math.random() * 20);
        running--;
      },
      { concurrency: 8 },
    );
    await engine.settled();
    expect(most).toBe(8);
    // From the ramp-up to the last messages a handler that ends is followed by another at once.
    const steady = sizes.slice(40, -20);
    expect(steady.reduce((sum, size) => sum + size, 0) / steady.length).toBeGreaterThan(7.7);
  });

  it('shares evenly between two replicas whose handler takes long, and leaves neither idle', async () => {
    const shares = [0, 0];
    const second = await engine.connect();
    await engine.publish(16);
    const handler = (at: number) => async () => {
      shares[at]!++;
      await pause(500);
    };
    const replicas = [
      await engine.prepare(handler(0), { concurrency: 4 }),
      await engine.prepare(handler(1), { concurrency: 4 }, second),
    ];
    const started = performance.now();
    for (const { loop } of replicas) loop.start();
    await engine.settled();
    const took = performance.now() - started;
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(6);
    // 16 messages of 0.5 s in 8 places: 1 s where nothing waits behind a busy replica.
    expect(took).toBeLessThan(1450);
  });

  it('shares evenly between two replicas whose handler is quick', async () => {
    const shares = [0, 0];
    const second = await engine.connect();
    await engine.publish(6000);
    const handler = (at: number) => async () => {
      shares[at]!++;
      await pause(4);
    };
    const replicas = [
      await engine.prepare(handler(0), { concurrency: 8 }),
      await engine.prepare(handler(1), { concurrency: 8 }, second),
    ];
    for (const { loop } of replicas) loop.start();
    await engine.settled();
    expect(shares[0]! + shares[1]!).toBe(6000);
    expect(Math.min(...shares)).toBeGreaterThan(2000);
  });

  describe('survives what a handler or a middleware does wrong:', () => {
    const cases: Record<string, (next: Handler<Delivery>) => Handler<Delivery>> = {
      'a middleware that throws instead of rejecting': () => () => {
        throw new Error('thrown at once');
      },
      'a handler that gives no outcome': () => () => Promise.resolve(undefined as unknown as Outcome),
      'an outcome of an unknown kind': () => () => Promise.resolve({ kind: 'shrug' } as unknown as Outcome),
    };
    it.each(Object.keys(cases))('%s', async (name) => {
      await engine.publish(40);
      await engine.consume(() => undefined, {
        concurrency: 2,
        retry: { attempts: 2, backoff: constant(0) },
        outer: [
          (next) => (message) => (Number(bodyOf(message)) < 5 ? cases[name]!(next)(message) : next(message)),
        ],
      });
      await engine.settled();
      expect(sorted((await engine.letters()).map(bodyOf))).toEqual(bodies(5));
    });

    it('a back-off that gives no time', async () => {
      const handled: string[] = [];
      await engine.publish(20);
      await engine.consume(
        (message) => {
          handled.push(bodyOf(message));
          if (bodyOf(message) === '0') throw new Error('once');
        },
        { concurrency: 1, retry: { attempts: 3, backoff: () => Number.NaN } },
      );
      await until('the others', () => new Set(handled).size === 20);
      // Not at once, which would use up the attempts in milliseconds.
      await engine.connection.nc.flush();
      await pause(300);
      expect(handled.filter((body) => body === '0')).toHaveLength(1);
    });

    it('a back-off longer than the server can count', async () => {
      await engine.publish(1);
      let calls = 0;
      await engine.consume(
        () => {
          calls++;
          throw new Error('later');
        },
        { retry: { attempts: 5, backoff: () => Number.POSITIVE_INFINITY } },
      );
      await until('the first attempt', () => calls === 1);
      await engine.connection.nc.flush();
      expect(await engine.info()).toMatchObject({ unsettled: 1, redelivered: 0 });
    });
  });

  describe('when its lease runs out while it works', () => {
    it('takes the redelivery of what it still handles for the same, and handles it once', async () => {
      const handled: string[] = [];
      const { opened, open } = gate();
      await engine.publish(1);
      await engine.consume(
        async (message) => {
          handled.push(bodyOf(message));
          await opened;
        },
        { ackWaitMs: 1000 },
      );
      await until('the handler', () => handled.length === 1);
      // The process stands still: no timer extends the lease.
      const until2s = performance.now() + 2000;
      while (performance.now() < until2s);
      await until('the redelivery', async () => (await engine.info()).redelivered === 1);
      await engine.connection.nc.flush();
      open();
      await engine.settled();
      expect(handled).toEqual(['0']);
    });

    it('reads what came while the process stood still, in place of giving the session up', async () => {
      const handled: [string, number][] = [];
      await engine.consume((message) => void handled.push([bodyOf(message), message.attempt]), {
        concurrency: 50,
      });
      // Owed 50 messages; they arrive while nothing here can read them or a heartbeat.
      const other = await engine.connect();
      await until(
        'the request',
        async () => (await other.jsm.consumers.info(engine.stream, 'g')).num_waiting > 0,
      );
      for (let i = 0; i < 20; i++) other.nc.publish(`${engine.stream}.m`, String(i));
      await other.nc.flush();
      const until3s = performance.now() + 3500;
      while (performance.now() < until3s);
      await until('every message', () => handled.length === 20, 5000);
      expect(handled.filter(([, attempt]) => attempt !== 1)).toEqual([]);
    }, 20_000);
  });

  describe('stopping', () => {
    it('handles what waits, hands back the rest at once, and stays within its time', async () => {
      const handled: string[] = [];
      await engine.publish(200);
      const first = await engine.consume(
        async (message) => {
          await pause(100);
          handled.push(bodyOf(message));
        },
        { concurrency: 4, retry: { attempts: 5 } },
      );
      await until('work', () => handled.length >= 40);
      const started = performance.now();
      await first.stop(2000);
      expect(performance.now() - started).toBeLessThan(2000);
      expect(first.loop.inHand).toBe(0);
      const before = handled.length;
      await engine.consume((message) => void handled.push(bodyOf(message)), {});
      await engine.settled();
      expect(before).toBeLessThan(200);
      expect(sorted(handled)).toEqual(bodies(200));
    });

    it('aborts what outlasts it, within its time, and lets nothing of it count afterwards', async () => {
      const { opened, open } = gate();
      let reason: unknown;
      await engine.publish(3);
      const first = await engine.consume(
        async (message) => {
          message.signal.addEventListener('abort', () => {
            reason = message.signal.reason;
          });
          await opened;
        },
        { concurrency: 2, ackWaitMs: 500 },
      );
      await until('the handlers', () => first.loop.inHand === 2);
      const started = performance.now();
      await first.stop(400);
      const took = performance.now() - started;
      expect(took).toBeGreaterThan(350);
      expect(took).toBeLessThan(700);
      expect(reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
      const held = gate();
      const second: number[] = [];
      await engine.consume(
        async (message) => {
          second.push(message.sequence);
          await held.opened;
        },
        { ackWaitMs: 500 },
      );
      await until('the events elsewhere', () => second.length === 3);
      // The first replica's handlers end only now: they must not acknowledge what the second one handles.
      open();
      await pause(20);
      await engine.connection.nc.flush();
      expect((await engine.info()).unsettled).toBe(3);
      held.open();
      await engine.settled();
    });

    it('keeps to its time when the server is away', async () => {
      const own = await startNatsServer();
      const away = await Engine.open(own.url);
      try {
        const { opened } = gate();
        await away.publish(10);
        const replica = await away.consume(() => opened, { concurrency: 2 });
        await until('the handlers', () => replica.loop.inHand > 0);
        await own.kill('SIGKILL');
        await until('the loss', () => away.connection.health.current.state === 'reconnecting');
        const started = performance.now();
        await replica.stop(600);
        expect(performance.now() - started).toBeLessThan(900);
      } finally {
        await away.close();
        await own.stop();
      }
    });

    it('ends by itself, without a rejection, when the connection is closed under it', async () => {
      const connection = await engine.connect();
      const { opened, open } = gate();
      const replica = await engine.consume(() => opened, { concurrency: 4 }, connection);
      await engine.publish(100);
      await until('the handlers', () => replica.loop.inHand === 4);
      await connection.close();
      // Their ends would ask for more, and answer.
      open();
      await until('the handlers to end', () => replica.loop.inHand === 0);
      await pause(300);
      await replica.stop(100);
      expect(unhandled).toEqual([]);
    });

    it('takes nothing before it is started, not even after a reconnect', async () => {
      const connection = await engine.connect();
      const replica = await engine.prepare(() => undefined, {}, connection);
      await engine.publish(5);
      await connection.nc.reconnect();
      await until('the loss', () => connection.health.current.state === 'reconnecting');
      await until('the return', () => connection.health.current.state === 'connected');
      await connection.nc.flush();
      expect((await engine.info()).unsettled).toBe(0);
      await replica.stop();
    });
  });
});

import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, Replica, sorted, until } from '../engine.fixture.js';
import { constant, Delivery } from '../index.js';
import { circuit } from '../middleware/circuit.middleware.js';
import { CircuitBreakerOptions, circuitPolicy } from '../policy/circuit.policy.js';
import { CircuitBreaker } from './circuit.breaker.js';

jest.setTimeout(20_000);

describe('a circuit breaker', () => {
  let server: NatsServer;
  let engine: Engine;
  let breaker: CircuitBreaker;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url);
  });
  afterEach(async () => {
    await engine.close();
    breaker.stop();
  });
  afterAll(() => server.stop());

  const consume = (
    handler: (message: Delivery) => unknown,
    options: CircuitBreakerOptions,
    onTry: () => void = () => undefined,
  ): Promise<Replica> => {
    const { clock, log } = engine.connection;
    breaker = new CircuitBreaker({ policy: circuitPolicy(options), group: 'g', clock, log });
    // Before the loop is told.
    breaker.watch(() => {
      if (breaker.current.state === 'half-open') onTry();
    });
    return engine.consume(handler, {
      concurrency: 4,
      ackWaitMs: 500,
      retry: { attempts: 50, backoff: constant(100) },
      gate: breaker,
      inner: [circuit(breaker)],
    });
  };

  it('stops taking messages while it is open, and loses none of what it holds', async () => {
    let isUp = false;
    let calls = 0;
    const callsAtTries: number[] = [];
    const handled: [string, number][] = [];
    await engine.publish(300);
    const replica = await consume(
      (message) => {
        calls++;
        if (!isUp) throw new Error('down');
        handled.push([bodyOf(message), message.attempt]);
      },
      { failures: 5, window: '5s', openFor: '1s' },
      () => {
        callsAtTries.push(calls);
        isUp = callsAtTries.length > 1;
      },
    );
    await until('it to open', () => breaker.current.state === 'open');
    // What it may pull for four handlers, and no more.
    expect(replica.loop.inHand).toBeLessThanOrEqual(20);
    await until('the second try', () => isUp);
    // Five, with what began beside them; then one. Not what it holds, which is longer than ackWait meanwhile.
    expect(callsAtTries[0]).toBeLessThanOrEqual(9);
    expect(callsAtTries[1]).toBe((callsAtTries[0] ?? 0) + 1);
    await engine.settled();
    expect(sorted(handled.map(([body]) => body))).toEqual(bodies(300));
    // An attempt for each failure: waiting cost nothing of what it held.
    const attempts = handled.reduce((sum, [, attempt]) => sum + attempt, 0);
    expect(attempts).toBe(300 + (callsAtTries[1] ?? 0));
  });

  it('tries one message at a time, and opens again for each that fails', async () => {
    const calls: number[] = [];
    await engine.publish(50);
    await consume(
      () => {
        calls.push(performance.now());
        throw new Error('down');
      },
      { failures: 4, openFor: '300ms' },
    );
    await until('it to open', () => breaker.current.state === 'open');
    const before = calls.length;
    const since = calls.at(-1) ?? 0;
    await until('four more', () => calls.length >= before + 4);
    const gaps = calls.slice(before).map((at, i, all) => at - (all[i - 1] ?? since));
    for (const gap of gaps) expect(gap).toBeGreaterThan(290);
  });

  it('closes where a message is tried that came while it was open', async () => {
    let isUp = false;
    const handled: string[] = [];
    await consume(
      (message) => {
        if (!isUp) throw new Error('down');
        handled.push(bodyOf(message));
      },
      { failures: 1, openFor: '300ms' },
    );
    await engine.publish(1);
    await until('it to open', () => breaker.current.state === 'open');
    isUp = true;
    await engine.publish(20);
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(21));
    expect(breaker.current.state).toBe('closed');
  });
});

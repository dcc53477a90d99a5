import { jest } from '@jest/globals';
import { systemClock } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, sorted } from '../engine.fixture.js';
import { constant, Delivery, GROUPS, GroupControl, groupStream, resolveConsumerOptions } from '../index.js';

jest.setTimeout(30_000);

const LIMIT = { count: 40, per: '1s' } as const;

describe('a rate limit', () => {
  let server: NatsServer;
  let engine: Engine;
  const controls: GroupControl[] = [];
  let begun: number[];
  let handled: string[];
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url);
    begun = [];
    handled = [];
  });
  afterEach(async () => {
    await engine.close();
    for (const control of controls) control.stop();
    // Every test has a limit of its own.
    await engine.connection.jsm.streams.purge(GROUPS).catch(() => undefined);
  });
  afterAll(() => server.stop());

  const note = (message: Delivery): void => {
    begun.push(performance.now());
    handled.push(bodyOf(message));
  };

  const replica = async (handler = note, connection = engine.connection): Promise<void> => {
    const options = resolveConsumerOptions({ group: 'g', rateLimit: LIMIT }, {}, undefined);
    const restore = (): Promise<void> => connection.streams.ensure(groupStream(), 'create');
    const control = new GroupControl({ connection, options, scope: engine.stream, restore });
    controls.push(control);
    const gate = control.loop.gate;
    if (!gate) throw new Error('No gate');
    const retry = { attempts: 3, backoff: constant(0) };
    await engine.consume(handler, { gate, retry }, connection);
  };

  /** The most that began within any `per`. */
  const most = (times: readonly number[]): number =>
    Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + 1000).length));

  it('holds for three replicas together, whatever their own clocks say', async () => {
    const shifted = { ...systemClock, now: () => Date.now() + 3_600_000 };
    await engine.publish(150);
    await replica();
    await replica(note, await engine.connect({ clock: shifted }));
    await replica(note, await engine.connect());
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(150));
    expect(most(begun)).toBeLessThanOrEqual(LIMIT.count);
    // 150 at 40 a second: three whole seconds pass, and not many more.
    const took = (begun.at(-1) ?? 0) - (begun[0] ?? 0);
    expect(took).toBeGreaterThan(3000);
    expect(took).toBeLessThan(9000);
  });

  it('counts every attempt', async () => {
    await engine.publish(30);
    await replica((message) => {
      begun.push(performance.now());
      if (message.attempt === 1) throw new Error('once');
      handled.push(bodyOf(message));
    });
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(30));
    expect(begun).toHaveLength(60);
    expect(most(begun)).toBeLessThanOrEqual(LIMIT.count);
  });

  it('goes on when its record was lost', async () => {
    // Where no stream takes it, a publish is tried again for as long as this.
    await replica(note, await engine.connect({ publish: { deadline: '300ms' } }));
    await engine.publish(5);
    await engine.settled();
    await engine.connection.jsm.streams.delete(GROUPS);
    await engine.publish(5);
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(10));
  });
});

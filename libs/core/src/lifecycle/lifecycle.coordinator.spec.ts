import { Logger } from '@nestjs/common';
import { LifecycleCoordinator } from './lifecycle.coordinator.js';
import { LifecycleParticipant, LifecyclePhase } from './lifecycle.phase.js';

const { Connection, Provision, Leases, Consume } = LifecyclePhase;

const setUp = () => {
  const coordinator = new LifecycleCoordinator();
  const events: string[] = [];
  const part = (name: string, phase: LifecyclePhase, more: Partial<LifecycleParticipant> = {}): void =>
    coordinator.register({
      name,
      phase,
      start: () => {
        events.push(`+${name}`);
        return Promise.resolve();
      },
      stop: () => {
        events.push(`-${name}`);
        return Promise.resolve();
      },
      ...more,
    });
  const shutDown = async (): Promise<void> => {
    await coordinator.onModuleDestroy();
    await coordinator.onApplicationShutdown();
  };
  return { coordinator, events, part, shutDown };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeAll(() => void Logger.overrideLogger(false));
afterAll(() => void Logger.overrideLogger(['log', 'warn', 'error']));

it('starts phases in order and stops them in reverse, whatever the order of registration', async () => {
  const { coordinator, events, part, shutDown } = setUp();
  part('consume', Consume);
  part('connection', Connection);
  part('leases', Leases);
  part('provision', Provision);
  expect(coordinator.isReady).toBe(false);
  await coordinator.onApplicationBootstrap();
  expect(coordinator.isReady).toBe(true);
  await shutDown();
  expect(coordinator.isReady).toBe(false);
  expect(events.join(' ')).toBe(
    '+connection +provision +leases +consume -consume -leases -provision -connection',
  );
});

it('keeps connections until the application has shut down', async () => {
  const { coordinator, events, part } = setUp();
  part('connection', Connection);
  part('consume', Consume);
  await coordinator.onApplicationBootstrap();
  await coordinator.onModuleDestroy();
  expect(events.slice(2)).toEqual(['-consume']);
  await coordinator.onApplicationShutdown();
  expect(events.slice(2)).toEqual(['-consume', '-connection']);
});

it('waits for a whole phase before the next, and runs one phase at once', async () => {
  const { coordinator, events, part } = setUp();
  let finish: () => void = () => undefined;
  part('slow', Provision, { start: () => new Promise((resolve) => (finish = resolve)) });
  part('quick', Provision);
  part('consume', Consume);
  const starting = coordinator.onApplicationBootstrap();
  await turn();
  expect(events).toEqual(['+quick']);
  expect(coordinator.isReady).toBe(false);
  finish();
  await starting;
  expect(events).toEqual(['+quick', '+consume']);
});

it('fails with a failed start, after its phase has settled, starts nothing above, and still stops', async () => {
  const { coordinator, events, part, shutDown } = setUp();
  const failure = new Error('no stream');
  part('connection', Connection);
  part('broken', Provision, { start: () => Promise.reject(failure) });
  part('slow', Provision, {
    start: async () => {
      await turn();
      events.push('+slow');
    },
  });
  part('consume', Consume);
  await expect(coordinator.onApplicationBootstrap()).rejects.toBe(failure);
  expect(events).toEqual(['+connection', '+slow']);
  expect(coordinator.isReady).toBe(false);
  await shutDown();
  expect(events.slice(2).sort()).toEqual(['-broken', '-connection', '-slow']);
});

it('treats a start that throws at once like one that rejects', async () => {
  const { coordinator, part } = setUp();
  part('broken', Provision, {
    start: () => {
      throw new Error('at once');
    },
  });
  await expect(coordinator.onApplicationBootstrap()).rejects.toThrow('at once');
});

it('stops the others when one fails to', async () => {
  const { coordinator, events, part, shutDown } = setUp();
  part('broken', Consume, { stop: () => Promise.reject(new Error('stuck')) });
  part('consume', Consume);
  part('connection', Connection);
  await coordinator.onApplicationBootstrap();
  await shutDown();
  expect(events.filter((event) => event.startsWith('-'))).toEqual(['-consume', '-connection']);
});

it('stops each part once, however often it is asked', async () => {
  const { coordinator, events, part, shutDown } = setUp();
  part('consume', Consume);
  part('connection', Connection);
  await coordinator.onApplicationBootstrap();
  await shutDown();
  await shutDown();
  expect(events.filter((event) => event.startsWith('-'))).toEqual(['-consume', '-connection']);
});

it('stops what needed no start, though the application never came up', async () => {
  const { coordinator, events, part, shutDown } = setUp();
  part('never started', Consume);
  // A connection is open before the first phase: it has only a stop.
  coordinator.register({
    name: 'connection',
    phase: Connection,
    stop: () => {
      events.push('-connection');
      return Promise.resolve();
    },
  });
  await shutDown();
  expect(events).toEqual(['-connection']);
});

describe('late registration', () => {
  it('leaves the start to whoever registers while the application runs, but stops the part', async () => {
    const { coordinator, events, part, shutDown } = setUp();
    await coordinator.onApplicationBootstrap();
    part('late', Consume);
    await shutDown();
    expect(events).toEqual(['-late']);
  });

  it.each([
    ['a higher', Consume],
    ['the same', Leases],
    ['a lower', Provision],
  ])('starts a part of %s phase that another one registers as it starts', async (_name, phase) => {
    const { coordinator, events, part, shutDown } = setUp();
    part('registering', Leases, {
      start: () => {
        part('registered', phase);
        return Promise.resolve();
      },
    });
    await coordinator.onApplicationBootstrap();
    expect(events).toEqual(['+registered']);
    await shutDown();
    expect(events).toContain('-registered');
  });
});

it('starts nothing beyond the phase it is limited to, and is not ready then', async () => {
  const { coordinator, events, part, shutDown } = setUp();
  part('provision', Provision);
  part('leases', Leases);
  part('consume', Consume);
  expect(coordinator.onlyProvisions).toBe(false);
  coordinator.limitTo(Provision);
  await coordinator.onApplicationBootstrap();
  expect([coordinator.onlyProvisions, coordinator.isReady]).toEqual([true, false]);
  await shutDown();
  expect(events.join(' ')).toBe('+provision -provision');
});

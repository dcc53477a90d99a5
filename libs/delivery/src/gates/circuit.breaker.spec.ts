import { PermanentError, silentLog } from '@millrace/core';
import { FakeClock } from '../clock.fixture.js';
import { codeOf, fakeDelivery } from '../message.fixture.js';
import { circuit } from '../middleware/circuit.middleware.js';
import { ACK } from '../outcome/outcome.js';
import { CircuitBreakerOptions, circuitPolicy } from '../policy/circuit.policy.js';
import { CircuitBreaker } from './circuit.breaker.js';

class Down extends Error {}

describe('CircuitBreaker', () => {
  let clock: FakeClock;
  let breaker: CircuitBreaker;
  let logged: string[];
  const create = (options: CircuitBreakerOptions = {}): void => {
    clock = new FakeClock();
    logged = [];
    const note = (line: string): void => void logged.push(line);
    const log = { ...silentLog, log: note, warn: note };
    breaker = new CircuitBreaker({ policy: circuitPolicy(options), group: 'g', clock, log });
  };
  beforeEach(() => create());

  const begin = (): object => {
    const message = {};
    breaker.begun(message);
    return message;
  };
  /** One message handled from beginning to end. */
  const handle = (failure?: Error): void => {
    const message = begin();
    if (failure) breaker.fail(message, failure);
    else breaker.succeed(message);
    breaker.ended(message);
  };
  const times = (count: number, failure?: Error): void => {
    for (let i = 0; i < count; i++) handle(failure);
  };
  const state = (): string => breaker.current.state;

  it('opens at the fifth failure of ten seconds, and says so', () => {
    times(4, new Down('no gateway'));
    expect([state(), breaker.admit(16), breaker.waitingLimit]).toEqual(['closed', 16, Infinity]);
    handle(new Down('no gateway'));
    expect([state(), breaker.admit(16), breaker.waitingLimit]).toEqual(['open', 0, 0]);
    expect(breaker.current).toMatchObject({
      since: 0,
      reason: expect.stringContaining('no gateway') as string,
    });
    expect(logged).toEqual([expect.stringContaining('circuit open for 30000 ms')]);
  });

  it('stays closed while most succeed, however many fail', () => {
    for (let i = 0; i < 100; i++) {
      times(2);
      handle(new Down());
    }
    expect(state()).toBe('closed');
  });

  it('forgets failures that are older than its window', () => {
    times(4, new Down());
    clock.advance(10_001);
    times(4, new Down());
    expect(state()).toBe('closed');
    clock.advance(5000);
    handle(new Down());
    expect(state()).toBe('open');
  });

  it('goes by the number alone where the ratio is 0', () => {
    create({ failures: 2, ratio: 0 });
    times(1000);
    times(2, new Down());
    expect(state()).toBe('open');
  });

  it('counts only the failures it is told to', () => {
    create({ failures: 2, on: Down });
    times(50, new Error('mine'));
    expect(state()).toBe('closed');
    times(2, new Down());
    expect(state()).toBe('open');
  });

  it('tries one message after its time, and closes when that succeeds', () => {
    const told: string[] = [];
    breaker.watch(() => told.push(state()));
    times(5, new Down());
    clock.advance(29_999);
    expect(state()).toBe('open');
    clock.advance(1);
    expect([state(), breaker.admit(16)]).toEqual(['half-open', 1]);
    const probe = begin();
    expect(breaker.admit(16)).toBe(0);
    breaker.succeed(probe);
    expect([state(), breaker.admit(16)]).toEqual(['closed', 16]);
    expect(told).toEqual(['half-open', 'closed']);
    expect(logged).toHaveLength(3);
    // What failed before it opened is forgotten.
    times(4, new Down());
    expect(state()).toBe('closed');
  });

  it('opens again for the whole time when the message it tries fails', () => {
    times(5, new Down());
    clock.advance(30_000);
    handle(new Down('still away'));
    expect(breaker.current).toMatchObject({ state: 'open', reason: 'still failing: still away' });
    clock.advance(29_999);
    expect(state()).toBe('open');
    clock.advance(1);
    expect(state()).toBe('half-open');
  });

  it('is not closed by a handler that began before it opened, and does not wait for one', () => {
    const before = begin();
    times(5, new Down());
    clock.advance(30_000);
    breaker.succeed(before);
    expect([state(), breaker.admit(1)]).toEqual(['half-open', 1]);
  });

  it('tries another where one ended without telling anything', () => {
    const told: string[] = [];
    times(5, new Down());
    clock.advance(30_000);
    breaker.watch(() => told.push('more'));
    const probe = begin();
    breaker.ended(probe);
    expect([state(), breaker.admit(1), told]).toEqual(['half-open', 1, ['more']]);
  });

  it('wants as many to succeed as it is told', () => {
    create({ failures: 1, halfOpen: 2 });
    handle(new Down());
    clock.advance(30_000);
    expect(breaker.admit(9)).toBe(2);
    handle();
    expect(state()).toBe('half-open');
    handle();
    expect(state()).toBe('closed');
  });

  it('leaves no timer behind', () => {
    times(5, new Down());
    breaker.stop();
    expect(clock.pending).toBe(0);
  });

  it('is told by its middleware, though not of a message that is wrong in itself', async () => {
    create({ failures: 1 });
    const handling = circuit(breaker);
    const wrong = new PermanentError('no such order');
    await expect(handling(() => Promise.reject(wrong))(fakeDelivery())).rejects.toBe(wrong);
    expect(await handling(() => Promise.resolve(ACK))(fakeDelivery())).toBe(ACK);
    expect(state()).toBe('closed');
    const down = new Down();
    await expect(handling(() => Promise.reject(down))(fakeDelivery())).rejects.toBe(down);
    expect(state()).toBe('open');
  });

  it.each<CircuitBreakerOptions>([
    { failures: 0 },
    { ratio: 1.1 },
    { ratio: Number.NaN },
    { halfOpen: 0.5 },
    { window: 0 },
    { openFor: 1 },
  ])('refuses %p', (options) => expect(codeOf(() => circuitPolicy(options))).toBe('CONFIG_INVALID'));
});

import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { abortTime, closeLocks, OpenLocks, openLocks, pause, until, waiters } from './locks.fixture.js';
import { SilentProxy } from './silent-proxy.fixture.js';

let server: NatsServer;
let proxy: SilentProxy;
let near: OpenLocks;
let far: OpenLocks;

beforeEach(async () => {
  server = await startNatsServer();
  proxy = await SilentProxy.before(server.url);
  near = await openLocks(server.url, { name: 'near' });
  far = await openLocks(proxy.url, { name: 'far' });
}, 30_000);
afterEach(async () => {
  proxy.mend();
  await closeLocks();
  await proxy.stop();
  await server.stop();
}, 30_000);

describe('a server that is killed and comes back', () => {
  it('within the TTL leaves the lock with its holder, and its waiter in line', async () => {
    const lock = await near.locks.acquire('a', { ttl: '10s' });
    const waiting = far.locks.acquire('a');
    await until('it waits', async () => (await waiters(near, 'a')) === 1);
    await server.restart({ signal: 'SIGKILL' });
    await lock.extend();
    expect(lock.held).toBe(true);
    await until('it still waits', async () => (await waiters(near, 'a')) === 1);
    await lock.release();
    const next = await waiting;
    expect(next.token).toBeGreaterThan(lock.token);
    await next.release();
  }, 40_000);

  it('after the TTL finds the signal aborted, and gives the next a higher token', async () => {
    const lock = await near.locks.acquire('a', { ttl: '1s' });
    const began = performance.now();
    const aborted = abortTime(lock.signal);
    await server.kill('SIGKILL');
    expect((await aborted) - began).toBeLessThan(1000);
    await server.restart();
    const next = await far.locks.acquire('a');
    expect(next.token).toBeGreaterThan(lock.token);
    await expect(lock.release()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(next.held).toBe(true);
    await next.release();
  }, 40_000);

  it('keeps tokens growing, also of names that nobody held meanwhile', async () => {
    const before = await near.locks.acquire('a');
    await before.release();
    await server.restart({ signal: 'SIGKILL' });
    const after = await near.locks.acquire('a');
    expect(after.token).toBeGreaterThan(before.token);
    await after.release();
  }, 40_000);

  it('is waited for by an acquisition that has the time', async () => {
    await server.kill('SIGKILL');
    const waiting = near.locks.acquire('a', { wait: '20s' });
    await pause(500);
    await server.restart();
    await (await waiting).release();
    await server.kill('SIGKILL');
    await expect(near.locks.acquire('b', { wait: '700ms' })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    await server.restart();
    await until('the other is asked again', async () => {
      const lock = await near.locks.acquire('b', { wait: '5s' });
      await lock.release();
      return true;
    });
  }, 60_000);
});

describe('a holder that is cut off', () => {
  it('has aborted before another acquires', async () => {
    const lock = await far.locks.acquire('a', { ttl: '2s' });
    await pause(1000);
    const aborted = abortTime(lock.signal);
    const waiting = near.locks.acquire('a').then((next) => ({ next, at: performance.now() }));
    proxy.partition();
    const { next, at } = await waiting;
    const abortedAt = await Promise.race([aborted, pause(1).then(() => Number.POSITIVE_INFINITY)]);
    expect(at - abortedAt).toBeGreaterThan(100);
    expect(next.token).toBeGreaterThan(lock.token);
    proxy.mend();
    expect(lock.held).toBe(false);
    await expect(lock.extend()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(next.held).toBe(true);
    await next.release();
  }, 30_000);

  it('loses its place in line only when it is gone for long, and lines up anew', async () => {
    const lock = await near.locks.acquire('a', { ttl: '3s' });
    const waiting = far.locks.acquire('a', { wait: '25s' });
    await until('it waits', async () => (await waiters(near, 'a')) === 1);
    proxy.partition();
    await until('its place has expired', async () => (await waiters(near, 'a')) === 0, 15_000);
    proxy.mend();
    await until('it waits again', async () => (await waiters(near, 'a')) === 1, 15_000);
    await lock.release();
    await (await waiting).release();
  }, 50_000);
});

describe('an answer that is lost', () => {
  it('to an acquisition does not lose the lock', async () => {
    proxy.loseAnswers();
    const acquiring = far.locks.acquire('a', { ttl: '10s' });
    await until('it is stored', async () => (await near.locks.inspect()).length === 1);
    const token = (await near.locks.inspect())[0]?.holders[0]?.token;
    proxy.mend();
    const lock = await acquiring;
    expect(lock.token).toBe(token);
    expect(await near.locks.tryAcquire('a')).toBeUndefined();
    await lock.release();
  }, 30_000);

  it('to a renewal does not lose the lock', async () => {
    const lock = await far.locks.acquire('a', { ttl: '5s', autoRenew: false });
    const stored = async () => (await near.locks.inspect())[0]?.holders[0]?.remainingMs ?? 0;
    await pause(1000);
    proxy.loseAnswers();
    const extending = lock.extend();
    await until('it is stored', async () => (await stored()) > 4500);
    proxy.mend();
    await extending;
    await lock.extend();
    expect(lock.held).toBe(true);
    expect(await near.locks.tryAcquire('a')).toBeUndefined();
    await lock.release();
    expect(await near.locks.inspect()).toEqual([]);
  }, 30_000);

  it('to an acquisition that is given up leaves nothing behind', async () => {
    proxy.loseAnswers();
    const stop = new AbortController();
    const acquiring = far.locks.acquire('a', { ttl: '20s', signal: stop.signal });
    await until('it is stored', async () => (await near.locks.inspect()).length === 1);
    stop.abort(new Error('enough'));
    await expect(acquiring).rejects.toThrow('enough');
    proxy.mend();
    const lock = await near.locks.acquire('a', { wait: '10s' });
    await lock.release();
  }, 30_000);
});

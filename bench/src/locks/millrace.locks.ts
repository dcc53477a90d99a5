import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { LockService, LocksModule } from '@millrace/locks';
import { Contender, inParallel } from '../contender.js';
import { CALLERS, nameOf, TTL } from './names.js';

interface Holder {
  readonly locks: LockService;
  readonly close: () => Promise<void>;
}

const openLocks = async (url: string): Promise<Holder> => {
  @Module({
    imports: [NatsModule.forRoot({ name: 'bench', servers: url }), LocksModule.forRoot({ events: false })],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  return { locks: app.get(LockService), close: () => app.close() };
};

export const uncontended = async (url: string): Promise<Contender> => {
  const { locks, close } = await openLocks(url);
  return {
    name: 'Millrace (acquire + release)',
    run: (count) =>
      inParallel(CALLERS, count, async (n) => {
        const lock = await locks.acquire(nameOf(n), { ttl: TTL });
        await lock.release();
      }),
    close,
  };
};

/** From one holder's release to the next one's acquisition, over two connections. */
export const handOvers = async (url: string): Promise<Contender> => {
  const holders: [Holder, Holder] = [await openLocks(url), await openLocks(url)];
  return {
    name: 'Millrace',
    sample: (count) => handOver(holders, count),
    close: async () => void (await Promise.all(holders.map(({ close }) => close()))),
  };
};

const handOver = async ([first, second]: [Holder, Holder], count: number): Promise<number[]> => {
  const samples: number[] = [];
  let held = await first.locks.acquire('contended', { ttl: TTL });
  for (let n = 0; n < count; n++) {
    const next = (n % 2 === 0 ? second : first).locks.acquire('contended', { ttl: TTL, wait: '10s' });
    // Until it stands in line: a hand-over is measured, not a first try.
    for (let waiting = 0; waiting === 0;) {
      waiting = (await first.locks.inspect()).find(({ name }) => name === 'contended')?.waiters.length ?? 0;
    }
    const start = performance.now();
    await held.release();
    held = await next;
    samples.push(performance.now() - start);
  }
  await held.release();
  return samples;
};

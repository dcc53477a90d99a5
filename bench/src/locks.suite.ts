import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { NatsModule } from '@millrace/core';
import { LockService, LocksModule } from '@millrace/locks';
import { Contender, inParallel } from './contender.js';
import { measure, measureLatency } from './measure.js';
import { Suite } from './suite.js';

const CALLERS = 64;
/** A hand-over is many round trips: fewer tell as much. */
const HAND_OVERS = 0.1;
const TTL = '10s';

interface Holder {
  locks: LockService;
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

/** The two writes under a lock, by hand: create the key, delete it at its revision. No renewal, no fairness. */
const rawPair = async (url: string): Promise<Contender> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const kv = await new Kvm(nc).create('raw-locks', { markerTTL: 1000 });
  return {
    name: 'raw client (kv.create + kv.delete)',
    run: (count) =>
      inParallel(CALLERS, count, async (n) => {
        const revision = await kv.create(`lock-${n % 1000}`, 'me', TTL);
        await kv.delete(`lock-${n % 1000}`, { previousSeq: revision });
      }),
    close: () => nc.close(),
  };
};

const uncontended = ({ locks, close }: Holder): Contender => ({
  name: 'Millrace (acquire + release)',
  run: (count) =>
    inParallel(CALLERS, count, async (n) => {
      const lock = await locks.acquire(`lock-${n % 1000}`, { ttl: TTL });
      await lock.release();
    }),
  close,
});

/** From one holder's release to the next one's acquisition, over two connections. */
const handOvers = async ([first, second]: [Holder, Holder], count: number): Promise<number[]> => {
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

/** Locks beside the two writes under them, and how fast a waiter follows. */
export const locks: Suite = {
  name: 'locks',
  setting: `${CALLERS} callers, 1000 names, ttl ${TTL}, file storage, one replica`,
  count: 4_000,
  run: async ({ url, rounds, count }) => {
    const holders: [Holder, Holder] = [await openLocks(url), await openLocks(url)];
    const raw = await rawPair(url);
    const following = {
      name: 'Millrace',
      sample: (pieces: number) => handOvers(holders, pieces),
      close: () => Promise.resolve(),
    };
    try {
      const contenders = [raw, uncontended(holders[0])];
      return [
        ...(await measure({ suite: 'locks', name: 'acquire + release', contenders }, { rounds, count })),
        ...(await measureLatency(
          { suite: 'locks', name: 'release to next acquisition', contenders: [following] },
          { rounds, count: Math.ceil(count * HAND_OVERS) },
        )),
      ];
    } finally {
      await Promise.all([raw.close(), ...holders.map(({ close }) => close())]);
    }
  },
};

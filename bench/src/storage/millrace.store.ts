import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsModule } from '@millrace/core';
import { Bucket, CachedBucket, getBucketToken, getCachedBucketToken, StorageModule } from '@millrace/storage';
import { Contender } from '../contender.js';
import { counted, Counter } from './counter.js';
import { CALLERS, CaseName, COMMITTERS, idOf, pieces, Revisions } from './pieces.js';

type Work = Pick<Contender, 'prepare' | 'run'>;

const openApp = async (url: string) => {
  @Module({
    imports: [NatsModule.forRoot({ name: 'bench', servers: url }), StorageModule.forFeature([Counter])],
  })
  class App {}
  return NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
};

const worksOn = (store: Bucket<Counter>): Readonly<Record<Exclude<CaseName, 'replica'>, Work>> => {
  const revisions = new Revisions(async (key) => (await store.get(key))?.revision);
  return {
    put: pieces(CALLERS, (n) => store.put(idOf(n), { id: idOf(n), count: n })),
    get: pieces(CALLERS, (n) => store.get(idOf(n))),
    update: {
      prepare: (count) => revisions.learn(count),
      ...pieces(CALLERS, async (n) =>
        revisions.set(idOf(n), await store.update(idOf(n), { id: idOf(n), count: n }, revisions.of(idOf(n)))),
      ),
    },
    mutate: pieces(CALLERS, (n) =>
      store.mutate(idOf(n), (current) => ({ id: idOf(n), count: current.count + 1 })),
    ),
    commit: pieces(COMMITTERS, (n) =>
      store.commit(idOf(n), (current) => {
        const next = (current?.value.count ?? 0) + 1;
        return { state: { id: idOf(n), count: next }, events: [counted(idOf(n), next)] };
      }),
    ),
  };
};

/** The bucket; a value is validated on its way in and out. */
export const openMillrace = async (url: string, name: Exclude<CaseName, 'replica'>): Promise<Contender> => {
  const app = await openApp(url);
  const store = app.get<Bucket<Counter>>(getBucketToken(Counter));
  return { name: 'Millrace (validated)', ...worksOn(store)[name], close: () => app.close() };
};

/** A replica of the bucket: it follows every change. */
export const openReplica = async (url: string): Promise<Contender> => {
  // Asking for the token is what has the application keep one.
  const token = getCachedBucketToken(Counter);
  const app = await openApp(url);
  const store = app.get<CachedBucket<Counter>>(token);
  return {
    name: 'Millrace (CachedBucket)',
    run: (count) => {
      let found = 0;
      for (let n = 0; n < count; n++) if (store.get(idOf(n))) found++;
      if (found === count) return Promise.resolve();
      return Promise.reject(new Error(`${count - found} of ${count} were not in the cache`));
    },
    close: () => app.close(),
  };
};

import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { KV, Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { IsInt, IsString } from 'class-validator';
import { NatsModule } from '@millrace/core';
import { Event } from '@millrace/events';
import { Bucket, CachedBucket, getBucketToken, getCachedBucketToken, StorageModule } from '@millrace/storage';
import { Contender, inParallel } from './contender.js';
import { measure } from './measure.js';
import { Row } from './row.js';
import { Bench, Suite } from './suite.js';

const CALLERS = 256;
const COMMITTERS = 64;
const KEYS = 5000;
/** A commit is a batch that the server stages on disk: fewer tell as much. */
const COMMIT_SHARE = 0.1;

@Event('bench.counted', { key: 'id' })
class Counted {
  @IsString() id!: string;
  @IsInt() count!: number;
}

@Bucket('bench', { events: [Counted] })
class Counter {
  @IsString() id!: string;
  @IsInt() count!: number;
}

const idOf = (n: number): string => `k${n % KEYS}`;
const counted = (id: string, count: number): Counted => Object.assign(new Counted(), { id, count });

interface Opened<T> {
  store: T;
  close(): Promise<void>;
}

const openRaw = async (url: string): Promise<Opened<KV>> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  return { store: await new Kvm(nc).create('raw'), close: () => nc.close() };
};

const openMillrace = async (url: string): Promise<Opened<Bucket<Counter>>> => {
  @Module({
    imports: [NatsModule.forRoot({ name: 'bench', servers: url }), StorageModule.forFeature([Counter])],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  return { store: app.get<Bucket<Counter>>(getBucketToken(Counter)), close: () => app.close() };
};

/** A replica of the same bucket, in an application of its own: it follows every change, which costs. */
const openReplica = async (url: string): Promise<Opened<CachedBucket<Counter>>> => {
  @Bucket('bench', { events: [Counted] })
  class Followed extends Counter {}
  const token = getCachedBucketToken(Followed);
  @Module({
    imports: [NatsModule.forRoot({ name: 'bench', servers: url }), StorageModule.forFeature([Followed])],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
  return { store: app.get<CachedBucket<Counter>>(token), close: () => app.close() };
};

/** Opened for its own case only. */
const replica = (url: string): Contender => {
  let opened: Opened<CachedBucket<Counter>> | undefined;
  return {
    name: 'Millrace (CachedBucket)',
    run: async (pieces) => {
      opened ??= await openReplica(url);
      let found = 0;
      for (let n = 0; n < pieces; n++) if (opened.store.get(idOf(n))) found++;
      if (found !== pieces) throw new Error(`${pieces - found} of ${pieces} were not in the cache`);
    },
    close: async () => opened?.close(),
  };
};

const contender = (name: string, callers: number, work: (n: number) => Promise<unknown>): Contender => ({
  name,
  run: (count) => inParallel(callers, count, work),
  close: () => Promise.resolve(),
});

const RAW = 'raw client (@nats-io/kv)';
const MILLRACE = 'Millrace (validated)';

/** Each key's own revision, so that updates never conflict. */
const revisions = (): { of(key: string): number; set(key: string, revision: number): void } => {
  const known = new Map<string, number>();
  return { of: (key) => known.get(key) ?? 0, set: (key, revision) => void known.set(key, revision) };
};

const runStorage = async ({ url, rounds, count }: Bench): Promise<Row[]> => {
  const raw = await openRaw(url);
  const millrace = await openMillrace(url);
  const [rawAt, millraceAt] = [revisions(), revisions()];
  const text = (n: number): string => JSON.stringify({ id: idOf(n), count: n });
  const cases: [string, number, Contender[]][] = [
    [
      'put',
      count,
      [
        contender(RAW, CALLERS, async (n) => rawAt.set(idOf(n), await raw.store.put(idOf(n), text(n)))),
        contender(MILLRACE, CALLERS, async (n) =>
          millraceAt.set(idOf(n), await millrace.store.put(idOf(n), { id: idOf(n), count: n })),
        ),
      ],
    ],
    [
      'get',
      count,
      [
        contender(RAW, CALLERS, async (n) => (await raw.store.get(idOf(n)))?.json()),
        contender(MILLRACE, CALLERS, (n) => millrace.store.get(idOf(n))),
      ],
    ],
    [
      'update',
      Math.min(count, KEYS),
      [
        contender(RAW, CALLERS, async (n) =>
          rawAt.set(idOf(n), await raw.store.update(idOf(n), text(n), rawAt.of(idOf(n)))),
        ),
        contender(MILLRACE, CALLERS, async (n) =>
          millraceAt.set(
            idOf(n),
            await millrace.store.update(idOf(n), { id: idOf(n), count: n }, millraceAt.of(idOf(n))),
          ),
        ),
      ],
    ],
    [
      'mutate',
      Math.min(count, KEYS),
      [
        contender(RAW, CALLERS, async (n) => {
          const entry = await raw.store.get(idOf(n));
          const value = entry?.json<Counter>();
          await raw.store.update(idOf(n), text((value?.count ?? 0) + 1), entry?.revision ?? 0);
        }),
        contender(MILLRACE, CALLERS, (n) =>
          millrace.store.mutate(idOf(n), (current) => ({ id: idOf(n), count: current.count + 1 })),
        ),
      ],
    ],
    [
      'get from a local replica',
      count,
      [contender(RAW, CALLERS, async (n) => (await raw.store.get(idOf(n)))?.json()), replica(url)],
    ],
    [
      `commit of one key and one event, ${COMMITTERS} callers`,
      Math.ceil(count * COMMIT_SHARE),
      [
        contender(MILLRACE, COMMITTERS, (n) =>
          millrace.store.commit(idOf(n), (current) => {
            const next = (current?.value.count ?? 0) + 1;
            return { state: { id: idOf(n), count: next }, events: [counted(idOf(n), next)] };
          }),
        ),
      ],
    ],
  ];
  try {
    const rows: Row[] = [];
    for (const [name, pieces, contenders] of cases) {
      rows.push(...(await measure({ suite: 'storage', name, contenders }, { rounds, count: pieces })));
      await Promise.all(contenders.map((each) => each.close()));
    }
    return rows;
  } finally {
    await Promise.all([raw.close(), millrace.close()]);
  }
};

/** Buckets beside the raw client's own loop; a value is validated on its way in and out. */
export const storage: Suite = {
  name: 'storage',
  setting: `two small properties, ${CALLERS} callers, ${KEYS} keys, file storage, one replica`,
  count: 20_000,
  run: runStorage,
};

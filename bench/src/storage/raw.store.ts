import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { Contender } from '../contender.js';
import type { Counter } from './counter.js';
import { CALLERS, CaseName, idOf, pieces, Revisions } from './pieces.js';

const textOf = (n: number, count = n): string => JSON.stringify({ id: idOf(n), count });

/** The client's own loop over a bucket of its own. Nothing is validated. */
export const openRaw = async (url: string, name: CaseName): Promise<Contender> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const kv = await new Kvm(nc).create('raw');
  const revisions = new Revisions(async (key) => (await kv.get(key))?.revision);
  const get = pieces(CALLERS, async (n) => (await kv.get(idOf(n)))?.json());
  const works: Readonly<Partial<Record<CaseName, Pick<Contender, 'prepare' | 'run'>>>> = {
    put: pieces(CALLERS, (n) => kv.put(idOf(n), textOf(n))),
    get,
    update: {
      prepare: (count) => revisions.learn(count),
      ...pieces(CALLERS, async (n) =>
        revisions.set(idOf(n), await kv.update(idOf(n), textOf(n), revisions.of(idOf(n)))),
      ),
    },
    mutate: pieces(CALLERS, async (n) => {
      const entry = await kv.get(idOf(n));
      const value = entry?.json<Counter>();
      await kv.update(idOf(n), textOf(n, (value?.count ?? 0) + 1), entry?.revision ?? 0);
    }),
    replica: get,
  };
  return { name: 'raw client (@nats-io/kv)', ...works[name], close: () => nc.close() };
};

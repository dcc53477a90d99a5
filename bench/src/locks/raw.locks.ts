import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { Contender, inParallel } from '../contender.js';
import { CALLERS, nameOf, TTL } from './names.js';

/** The two writes under a lock, by hand: create the key, delete it at its revision. No renewal, no fairness. */
export const rawLocks = async (url: string): Promise<Contender> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const kv = await new Kvm(nc).create('raw-locks', { markerTTL: 1000 });
  return {
    name: 'raw client (kv.create + kv.delete)',
    run: (count) =>
      inParallel(CALLERS, count, async (n) => {
        const revision = await kv.create(nameOf(n), 'me', TTL);
        await kv.delete(nameOf(n), { previousSeq: revision });
      }),
    close: () => nc.close(),
  };
};

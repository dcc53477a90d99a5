import { connect } from '@nats-io/transport-node';
import { Asking } from './asking.js';
import { Answered, numbered } from './doubling.js';

/** The plain client: a subscription, `nc.request`, JSON. Nothing is validated, no deadline travels. */
export const rawAsking = async (url: string): Promise<Asking> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  return {
    name: 'raw client (nc.request)',
    responder: 'raw',
    ask: async (n) => {
      const answer = await nc.request('raw.double', JSON.stringify(numbered(n)), { timeout: 30_000 });
      return answer.json<Answered>();
    },
    close: () => nc.close(),
  };
};

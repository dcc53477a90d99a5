import { connect } from '@nats-io/transport-node';
import { measure } from '../measure.js';
import { openingsOf, withContenders } from '../process/contender.process.js';
import { Suite } from '../suite.js';
import { KEYS } from './backlog.js';
import { KINDS, provision } from './millrace.backlog.js';

const PROGRAM = new URL('./ordered.contender.js', import.meta.url);

const IN_FLIGHT = 1024;

/** `count` events, each key's counted from 1. */
const fill = (url: string, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    void connect({ servers: url, noAsyncTraces: true }).then((nc) => {
      let sent = 0;
      let stored = 0;
      const inbox = `bench.${Date.now()}`;
      const send = (): void => {
        const at = sent++;
        const body = JSON.stringify({ key: `k${at % KEYS}`, n: Math.floor(at / KEYS) + 1 });
        nc.publish(`events.benchorder.counted.k${at % KEYS}`, body, { reply: inbox });
      };
      nc.subscribe(inbox, {
        callback: (error) => {
          if (error) return reject(error);
          if (++stored === count) return void nc.close().then(resolve);
          if (sent < count) send();
        },
      });
      while (sent < Math.min(IN_FLIGHT, count)) send();
    }, reject);
  });

/** What order per key costs, each event checked to come behind the one before it. */
export const ordered: Suite = {
  name: 'ordered',
  setting: `each contender in a process of its own, a backlog over ${KEYS} keys, no validation, a handler that does nothing, file storage, one replica`,
  count: 50_000,
  run: async ({ url, brief, ...size }) => {
    await provision(url);
    await fill(url, size.count);
    const kinds = brief ? KINDS.filter(({ options: { partitions } }) => partitions === undefined) : KINDS;
    const openings = openingsOf(PROGRAM, url, ['raw', ...kinds.map(({ name }) => name)]);
    return withContenders(openings, (contenders) =>
      measure({ suite: 'ordered', name: 'a backlog, handled', contenders }, size),
    );
  },
};

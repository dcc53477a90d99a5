import { startNatsServer } from '@millrace/nats-server';
import { connect, NatsConnection } from '@nats-io/transport-node';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BACKLOG, STALL_MS } from '../input/input.activity.js';
import { identify } from '../input/csv/file.identity.js';
import { OrderInput } from '../input/order.input.js';
import { openProgressStore } from '../input/progress/progress.store.js';
import { RejectList } from '../input/rows/reject.list.js';
import { backPressure } from '../ledger/back.pressure.js';
import { Ledger } from '../ledger/ledger.js';
import { ApiClient } from '../traffic/api.client.js';
import { LedgerStandIn } from './ledger.stand-in.js';
import { MemorySample, MemorySampler } from './memory.sampler.js';

export interface MemoryRunOptions {
  readonly file: string;
  /** Rows from one sample to the next. */
  readonly every: number;
  readonly onSample: (sample: MemorySample) => void;
}

/** Often, for the stand-in answers at once: it is to feed, not to wait. */
const REFRESH_MS = 50;
const SHOP = fileURLToPath(new URL('./shop.process.js', import.meta.url));

/** Feeds a file to a stand-in of the apps, and looks at what this process holds. @throws Error where not all was taken. */
export const measureMemory = async (options: MemoryRunOptions): Promise<readonly MemorySample[]> => {
  const server = await startNatsServer();
  const shop = fork(SHOP);
  const nc = await connect({ servers: server.url });
  try {
    const [url] = (await once(shop, 'message')) as [string];
    return await feed(options, { nc, api: new ApiClient(url) });
  } finally {
    shop.disconnect();
    await nc.close();
    await server.stop();
  }
};

const feed = async (
  { file, every, onSample }: MemoryRunOptions,
  { nc, api }: { nc: NatsConnection; api: ApiClient },
): Promise<readonly MemorySample[]> => {
  const ledger = new Ledger({ audience: {}, keysOf: ['user.registered'] });
  const apps = new LedgerStandIn(ledger);
  const told = apps.over(api);
  const { id, start } = await identify(file);
  const { signal: stop } = new AbortController();
  const rejects = new RejectList({ print: () => undefined, file: undefined });
  const sampler = new MemorySampler(every);
  const room = backPressure({ ledger, limit: BACKLOG, stallMs: STALL_MS, stop });
  const sample = (): void => {
    // An event is forgotten the second time that it is found handled: what is left is what stays.
    apps.refresh();
    apps.refresh();
    const users = ledger.keysOf('user.registered').length;
    onSample(sampler.take({ rows: input.position.rows, customers: input.customers, users }));
  };
  const input = new OrderInput({
    file,
    start,
    apis: { user: told, order: told },
    store: await openProgressStore(nc, id),
    onReject: (reject) => rejects.add(reject),
    pace: async () => {
      await room();
      if (sampler.isDue(input.position.rows)) sample();
    },
    stop,
  });
  const timer = setInterval(() => apps.refresh(), REFRESH_MS);
  await input.run().finally(() => clearInterval(timer));
  if (sampler.samples.at(-1)?.rows !== input.position.rows) sample();
  const { refused, problems, progress } = input.tally;
  if (refused > 0 || !progress.finished) throw new Error(`${refused} were refused: ${problems.join('; ')}`);
  return sampler.samples;
};

import { Queue, Worker } from 'bullmq';
import { OnDue, OpenTimekeeper, Timekeeper } from './work.js';

const QUEUE = 'bench';
/** As a Millrace subscriber's. */
const CONCURRENCY = 16;
/** A job scheduler repeats: the second time is beyond the end of the run. */
const ONCE = { every: 86_400_000, limit: 1 };

interface Open {
  queue: Queue<{ n: number }>;
  close: () => Promise<void>;
}

const openQueue = async (url: string, onDue: OnDue): Promise<Open> => {
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const removed = { removeOnComplete: true, removeOnFail: true };
  const queue = new Queue<{ n: number }>(QUEUE, { connection, defaultJobOptions: removed });
  const worker = new Worker<{ n: number }>(
    QUEUE,
    ({ data }) => {
      onDue(data.n);
      return Promise.resolve();
    },
    { connection, concurrency: CONCURRENCY },
  );
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return {
    queue,
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
};

const keeping = (
  make: (queue: Queue<{ n: number }>, n: number, at: number) => Promise<unknown>,
): OpenTimekeeper => {
  return async (url, onDue): Promise<Timekeeper> => {
    const { queue, close } = await openQueue(url, onDue);
    return { make: (n, at) => make(queue, n, at), close };
  };
};

/** Delayed jobs, and a worker. */
export const bullDelays = keeping((queue, n, at) =>
  queue.add('due', { n }, { delay: Math.max(0, at - Date.now()) }),
);

/** A job scheduler for each, and a worker. */
export const bullSchedules = keeping((queue, n, at) =>
  queue.upsertJobScheduler(`piece ${n}`, { ...ONCE, startDate: new Date(at) }, { name: 'due', data: { n } }),
);

import { Queue } from 'bullmq';
import { handleJobs, openQueue } from '../redis/bull.queue.js';
import { OpenTimekeeper } from './work.js';

const QUEUE = 'bench';
/** As a Millrace subscriber's. */
const CONCURRENCY = 16;
/** A job scheduler repeats: the second time is beyond the end of the run. */
const ONCE = { every: 86_400_000, limit: 1 };

interface Piece {
  n: number;
}

const keeping =
  (make: (queue: Queue<Piece>, n: number, at: number) => Promise<unknown>): OpenTimekeeper =>
  async (url, onDue) => {
    const queue = await openQueue<Piece>(url, QUEUE);
    const stop = await handleJobs(queue, CONCURRENCY, ({ n }) => onDue(n));
    return {
      make: (n, at) => make(queue, n, at),
      close: async () => {
        await stop();
        await queue.close();
      },
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

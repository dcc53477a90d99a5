import { inParallel } from '../contender.js';
import { handleJobs, openQueue } from '../redis/bull.queue.js';
import { OpenPipe } from './pipe.js';
import { Identified } from './workload.js';

const JOB = 'paid';
/** Four calls make 1024 in flight: a tenth faster than as many calls of `add`, and than calls with 50 jobs. */
const BULK = 256;
const CALLS = 4;
/** At 16 as fast, at 500 slower. */
const CONCURRENCY = 100;

/** BullMQ as its documentation has it for many jobs: `addBulk`, and a worker that handles many at once. On Redis. */
export const bullmq: OpenPipe = async (url, workload) => {
  const queue = await openQueue<Identified>(url, `bench-${workload.name.replace(/\W/g, '')}`);
  const addBulk = (first: number, count: number): Promise<unknown> =>
    queue.addBulk(
      Array.from({ length: count }, (_, at) => ({ name: JOB, data: workload.eventOf(first + at) })),
    );
  return {
    name: 'BullMQ (Redis, append-only file synced every second)',
    publish: (first, count) =>
      inParallel(CALLS, Math.ceil(count / BULK), (call) =>
        addBulk(first + call * BULK, Math.min(BULK, count - call * BULK)),
      ),
    send: (n) => queue.add(JOB, workload.eventOf(n)),
    handle: (onEvent) => handleJobs(queue, CONCURRENCY, onEvent),
    close: () => queue.close(),
  };
};

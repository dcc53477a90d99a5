import { ConnectionOptions, Queue, Worker } from 'bullmq';

const connectionTo = (url: string): ConnectionOptions => {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port), maxRetriesPerRequest: null };
};

/** A queue whose jobs are gone when they are done, as messages are. */
export const openQueue = async <T>(url: string, name: string): Promise<Queue<T>> => {
  const removed = { removeOnComplete: true, removeOnFail: true };
  const queue = new Queue<T>(name, { connection: connectionTo(url), defaultJobOptions: removed });
  await queue.waitUntilReady();
  return queue;
};

/** Handles what is in the queue, so many jobs at once; resolves to how to stop. */
export const handleJobs = async <T>(
  { name, opts: { connection } }: Queue<T>,
  concurrency: number,
  onJob: (data: T) => void,
): Promise<() => Promise<void>> => {
  const worker = new Worker<T>(
    name,
    ({ data }) => {
      onJob(data);
      return Promise.resolve();
    },
    { connection, concurrency },
  );
  await worker.waitUntilReady();
  return () => worker.close();
};

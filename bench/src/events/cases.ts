import { setTimeout as sleep } from 'node:timers/promises';
import { Contender } from '../contender.js';
import { OpenPipe, Pipe } from './pipe.js';
import { indexOf, Workload } from './workload.js';

const countdown = () => {
  let left = 0;
  let finish: () => void = () => undefined;
  return {
    done: () => {
      if (--left === 0) finish();
    },
    next: (count: number) => {
      left = count;
      return new Promise<void>((resolve) => (finish = resolve));
    },
  };
};

type Opens = (url: string) => Promise<Contender>;

/** Publisher and handler at once, in one process. */
export const publishAndHandle =
  (open: OpenPipe, workload: Workload): Opens =>
  async (url) => {
    const pipe = await open(url, workload);
    const counter = countdown();
    const stop = await pipe.handle(counter.done);
    let first = 0;
    return {
      name: pipe.name,
      run: async (count) => {
        const handled = counter.next(count);
        await pipe.publish(first, count);
        first += count;
        await handled;
      },
      close: async () => {
        await stop();
        await pipe.close();
      },
    };
  };

export const publishOnly =
  (open: OpenPipe, workload: Workload): Opens =>
  async (url) => {
    const pipe = await open(url, workload);
    let first = 0;
    return {
      name: pipe.name,
      run: async (count) => {
        await pipe.publish(first, count);
        first += count;
      },
      close: () => pipe.close(),
    };
  };

/** A backlog, from the first event handled to the last: starting a handler is not measured. */
export const handleOnly =
  (open: OpenPipe, workload: Workload): Opens =>
  async (url) => {
    const pipe = await open(url, workload);
    return {
      name: pipe.name,
      prepare: (count) => pipe.publish(0, count),
      run: (count) => drain(pipe, count),
      close: () => pipe.close(),
    };
  };

const drain = async (pipe: Pipe, count: number): Promise<number> => {
  const counter = countdown();
  const handled = counter.next(count);
  let start = 0;
  const stop = await pipe.handle(() => {
    start ||= performance.now();
    counter.done();
  });
  await handled;
  const tookMs = performance.now() - start;
  await stop();
  return tookMs;
};

const PER_SECOND = 1000;

/** From the call that publishes to the handler's, at a rate far from any limit. */
export const latency =
  (open: OpenPipe, workload: Workload): Opens =>
  async (url) => {
    const pipe = await open(url, workload);
    const counter = countdown();
    let samples: number[] = [];
    const sentAt = new Map<number, number>();
    const stop = await pipe.handle((event) => {
      samples.push(performance.now() - (sentAt.get(indexOf(event)) ?? 0));
      counter.done();
    });
    let first = 0;
    return {
      name: pipe.name,
      sample: async (count) => {
        samples = [];
        sentAt.clear();
        const handled = counter.next(count);
        const start = performance.now();
        for (let n = 0; n < count; n++) {
          const due = start + (n * 1000) / PER_SECOND;
          while (performance.now() < due) await sleep(1);
          sentAt.set(first + n, performance.now());
          void pipe.send(first + n);
        }
        await handled;
        first += count;
        return samples;
      },
      close: async () => {
        await stop();
        await pipe.close();
      },
    };
  };

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface MemorySample {
  readonly rows: number;
  /** After a garbage collection, in bytes. */
  readonly heapBytes: number;
  /** What the process has of the machine just before that. */
  readonly rssBytes: number;
  readonly customers: number;
  /** Ids that the ledger remembers. */
  readonly users: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const memory = (): Pick<MemorySample, 'heapBytes' | 'rssBytes'> => {
  const rssBytes = process.memoryUsage.rss();
  // What the first makes unreachable by finalizers goes with the second.
  collectGarbage();
  collectGarbage();
  return { heapBytes: process.memoryUsage().heapUsed, rssBytes };
};

/** Samples every so many rows. */
export class MemorySampler {
  readonly samples: MemorySample[] = [];
  private next: number;

  constructor(private readonly every: number) {
    this.next = every;
  }

  isDue(rows: number): boolean {
    return rows >= this.next;
  }

  take(counts: Omit<MemorySample, 'heapBytes' | 'rssBytes'>): MemorySample {
    const sample = { ...counts, ...memory() };
    this.samples.push(sample);
    this.next = counts.rows + this.every - (counts.rows % this.every);
    return sample;
  }
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

export const MEMORY_HEADER = [
  '| rows | heap in use, MiB | resident, MiB | customers | users |',
  '| ---: | ---: | ---: | ---: | ---: |',
];

export const memoryLine = ({ rows, heapBytes, rssBytes, customers, users }: MemorySample): string =>
  `| ${[rows, mebibytes(heapBytes), mebibytes(rssBytes), customers, users].join(' | ')} |`;

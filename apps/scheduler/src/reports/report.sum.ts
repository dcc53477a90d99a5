import { type ActivityCounts } from '@millrace/contracts';

export interface ActivitySum {
  /** Events of each type. */
  counts: Record<string, number>;
  total: number;
  /** Tasks that each application did. */
  workers: Record<string, number>;
}

export const sumOf = (counted: readonly ActivityCounts[]): ActivitySum => {
  const sum: ActivitySum = { counts: {}, total: 0, workers: {} };
  for (const { counts, total, worker } of counted) {
    for (const [type, count] of Object.entries(counts)) add(sum.counts, type, count);
    add(sum.workers, worker, 1);
    sum.total += total;
  }
  return sum;
};

const add = (sums: Record<string, number>, name: string, count: number): void => {
  sums[name] = (sums[name] ?? 0) + count;
};

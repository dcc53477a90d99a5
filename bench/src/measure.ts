import { Contender, Sampler } from './contender.js';
import { Row, rowsOf } from './row.js';

/** The same work, done by several contenders in turn. */
export interface Case<C extends { name: string } = Contender> {
  readonly suite: string;
  readonly name: string;
  /** What the others are held against. Default the first of them. */
  readonly reference?: string;
  readonly contenders: readonly C[];
}

export interface Size {
  readonly rounds: number;
  readonly count: number;
}

/**
 * Every contender once per round, in turn, so that a machine that slows down slows all of them; the first
 * round warms up and is not counted.
 */
const inRounds = async <C extends { name: string }, T>(
  contenders: readonly C[],
  rounds: number,
  once: (contender: C) => Promise<T>,
): Promise<Map<string, T[]>> => {
  const results = new Map<string, T[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const result = await once(contender);
      if (round > 0) results.get(contender.name)?.push(result);
    }
  }
  return results;
};

const cpuMicros = ({ user, system }: NodeJS.CpuUsage): number => user + system;

/**
 * How many pieces of work each contender does per second, and the processor time that each takes in this process:
 * that says the same on a crowded machine.
 */
export const measure = async (
  { suite, name, contenders, reference = contenders[0]?.name ?? '' }: Case,
  { rounds, count }: Size,
): Promise<Row[]> => {
  const results = await inRounds(contenders, rounds, async (contender) => {
    await contender.prepare?.(count);
    const before = process.cpuUsage();
    const start = performance.now();
    const tookMs = (await contender.run(count)) ?? performance.now() - start;
    return { rate: (count * 1000) / tookMs, cpu: cpuMicros(process.cpuUsage(before)) / count };
  });
  const each = (pick: (result: { rate: number; cpu: number }) => number): Map<string, number[]> =>
    new Map([...results].map(([contender, own]) => [contender, own.map(pick)]));
  return rowsOf(
    { suite, case: name, unit: 'per second', reference },
    each(({ rate }) => rate),
    each(({ cpu }) => cpu),
  );
};

const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/** How long a piece of work takes: p50 and p99 of each round. */
export const measureLatency = async (
  { suite, name, contenders, reference = contenders[0]?.name ?? '' }: Case<Sampler>,
  { rounds, count }: Size,
): Promise<Row[]> => {
  const samples = await inRounds(contenders, rounds, (contender) => contender.sample(count));
  return (
    [
      ['ms, p50', 0.5],
      ['ms, p99', 0.99],
    ] as const
  ).flatMap(([unit, share]) => {
    const values = new Map(
      [...samples].map(([contender, own]) => [contender, own.map((round) => percentile(round, share))]),
    );
    return rowsOf({ suite, case: name, unit, reference }, values);
  });
};

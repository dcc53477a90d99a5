import { ContenderProcess } from './process/contender.process.js';
import { Row, rowsOf } from './row.js';

/** The same work, done by several contenders in turn. The others are held against the first of them. */
export interface Case {
  readonly suite: string;
  readonly name: string;
  readonly contenders: readonly ContenderProcess[];
  /** Default `per second`. */
  readonly unit?: keyof typeof VALUES;
}

const VALUES = {
  'per second': (tookMs: number, count: number) => (count * 1000) / tookMs,
  'µs each': (tookMs: number, count: number) => (tookMs * 1000) / count,
} as const;

export interface Size {
  readonly rounds: number;
  readonly count: number;
}

/** By then the code of a new process is compiled: what it takes for a piece no longer falls. */
const WARM_PIECES = 40_000;
const MOST_WARM_UPS = 3;

const warmUps = ({ rounds, count }: Size): number =>
  Math.min(rounds, MOST_WARM_UPS, Math.ceil(WARM_PIECES / count));

/**
 * Every contender once per round, in turn, so that a machine that slows down slows all of them; the first
 * rounds warm up and are not counted.
 */
const inRounds = async <T>(
  contenders: readonly ContenderProcess[],
  size: Size,
  once: (contender: ContenderProcess) => Promise<T>,
): Promise<Map<string, T[]>> => {
  const results = new Map<string, T[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUps(size); round < size.rounds; round++) {
    for (const contender of contenders) {
      const result = await once(contender);
      if (round >= 0) results.get(contender.name)?.push(result);
    }
  }
  return results;
};

const referenceOf = ([first]: readonly ContenderProcess[]): string => first?.name ?? '';

/**
 * How many pieces of work each contender does per second, and the processor time that each takes in the contender's
 * process: that says the same on a crowded machine.
 */
export const measure = async (
  { suite, name, contenders, unit = 'per second' }: Case,
  size: Size,
): Promise<Row[]> => {
  const { count } = size;
  const results = await inRounds(contenders, size, async (contender) => {
    await contender.prepare(count);
    const { tookMs, cpuMicros } = await contender.run(count);
    return { value: VALUES[unit](tookMs, count), cpu: cpuMicros / count };
  });
  const each = (pick: (result: { value: number; cpu: number }) => number): Map<string, number[]> =>
    new Map([...results].map(([contender, own]) => [contender, own.map(pick)]));
  return rowsOf(
    { suite, case: name, unit, reference: referenceOf(contenders) },
    each(({ value }) => value),
    each(({ cpu }) => cpu),
  );
};

const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/** How long a piece of work takes: p50 and p99 of each round. */
export const measureLatency = async ({ suite, name, contenders }: Case, size: Size): Promise<Row[]> => {
  const samples = await inRounds(contenders, size, (contender) => contender.sample(size.count));
  return (
    [
      ['ms, p50', 0.5],
      ['ms, p99', 0.99],
    ] as const
  ).flatMap(([unit, share]) => {
    const values = new Map(
      [...samples].map(([contender, own]) => [contender, own.map((round) => percentile(round, share))]),
    );
    return rowsOf({ suite, case: name, unit, reference: referenceOf(contenders) }, values);
  });
};

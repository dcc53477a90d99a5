/** One way to do the work of a case. */
export interface Contender {
  readonly name: string;
  /** Does `count` pieces of work and resolves when all are done. */
  run(count: number): Promise<void>;
  close(): Promise<void>;
}

/** The same work, done by several contenders in turn. */
export interface Case {
  readonly suite: string;
  readonly name: string;
  /** What the other contenders are held against. */
  readonly reference: string;
  readonly contenders: readonly Contender[];
}

/** One row of the report. */
export interface Row {
  suite: string;
  case: string;
  contender: string;
  unit: 'per second' | 'ms, p50' | 'ms, p99';
  median: number;
  min: number;
  max: number;
  reference: string;
  /** Median over the reference's median, in the same run; 1 where there is nothing to hold it against. */
  ratio: number;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
};

/**
 * Runs every contender once per round, in turn, so that a machine that slows down slows all of them; the first
 * round warms up and is not counted.
 */
export const measure = async (
  { suite, name, reference, contenders }: Case,
  { rounds, count }: { rounds: number; count: number },
): Promise<Row[]> => {
  const rates = new Map<string, number[]>(contenders.map((contender) => [contender.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const start = performance.now();
      await contender.run(count);
      const perSecond = (count * 1000) / (performance.now() - start);
      if (round > 0) rates.get(contender.name)?.push(perSecond);
    }
  }
  const base = median(rates.get(reference) ?? []);
  return [...rates].map(([contender, values]) => ({
    suite,
    case: name,
    contender,
    unit: 'per second',
    median: Math.round(median(values)),
    min: Math.round(Math.min(...values)),
    max: Math.round(Math.max(...values)),
    reference,
    ratio: Number((median(values) / base).toFixed(3)),
  }));
};

/** Does pieces 0 to `count - 1`, `callers` of them at a time. */
export const inParallel = async (
  callers: number,
  count: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: callers }, caller));
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Two rows, p50 and p99, of what took `samples` milliseconds in each round. */
export const latencyRows = (
  name: Pick<Row, 'suite' | 'case' | 'contender'>,
  rounds: readonly (readonly number[])[],
): Row[] =>
  (['ms, p50', 'ms, p99'] as const).map((unit) => {
    const share = unit === 'ms, p50' ? 0.5 : 0.99;
    const values = rounds.map((samples) =>
      percentile(
        [...samples].sort((a, b) => a - b),
        share,
      ),
    );
    const round = (value: number): number => Number(value.toFixed(3));
    return {
      ...name,
      unit,
      median: round(median(values)),
      min: round(Math.min(...values)),
      max: round(Math.max(...values)),
      reference: name.contender,
      ratio: 1,
    };
  });

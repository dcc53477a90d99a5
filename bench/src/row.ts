export type Unit = 'per second' | 'ms' | 'ms, p50' | 'ms, p99' | 'ms, max' | 'MiB' | 'µs each' | 'violations';

/** One line of what a suite found. */
export interface Row {
  suite: string;
  case: string;
  contender: string;
  unit: Unit;
  median: number;
  min: number;
  max: number;
  /** The contender that this one is held against. */
  reference: string;
  /** Median over the reference's median, in the same run; 1 where there is nothing to hold it against. */
  ratio: number;
  /** Processor time of the contender's process for each piece, in µs: the median. Where it was taken. */
  cpuMicros?: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
};

/** Whether more of it is better, and not less. */
export const moreIsBetter = (unit: Unit): boolean => unit === 'per second';

// A rate needs no decimals, a latency does.
const rounded = (value: number, unit: Unit): number => Number(value.toFixed(unit === 'per second' ? 0 : 3));

/** What a row is about. */
export interface RowSubject {
  suite: string;
  case: string;
  unit: Unit;
  reference: string;
}

/**
 * A row for each contender, of the values that its rounds gave.
 * @param cpu processor time for each piece, in µs.
 */
export const rowsOf = (
  { suite, case: name, unit, reference }: RowSubject,
  values: ReadonlyMap<string, readonly number[]>,
  cpu?: ReadonlyMap<string, readonly number[]>,
): Row[] => {
  const base = median(values.get(reference) ?? []);
  return [...values].map(([contender, own]) => ({
    suite,
    case: name,
    contender,
    unit,
    median: rounded(median(own), unit),
    min: rounded(Math.min(...own), unit),
    max: rounded(Math.max(...own), unit),
    reference: values.has(reference) ? reference : contender,
    ratio: base > 0 ? Number((median(own) / base).toFixed(3)) : 1,
    ...(cpu ? { cpuMicros: Number(median(cpu.get(contender) ?? []).toFixed(1)) } : {}),
  }));
};

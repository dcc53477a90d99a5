import { DrillRecord } from './record/drill.record.js';
import { FaultKind } from './schedule/fault.js';
import { Verdict } from './verdict/verdict.js';
import { countOf, Violation } from './verdict/violation.js';

/** One run, as `--json` writes it. */
export interface RunReport {
  readonly nodes: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly published: number;
  /** Pairs of an event and a group that must deal with it. */
  readonly due: number;
  readonly handled: number;
  readonly lost: number;
  readonly duplicate_effects: number;
  readonly order_violations: number;
  readonly dead_lettered: number;
  readonly dead_letter_duplicates: number;
  /** Of faults that no other followed before the group was well again. */
  readonly max_recovery_ms: number;
  /** The longest recovery, by group and kind of fault. */
  readonly recovery_ms: Recoveries;
  /** Handlings beyond the first, which at least once allows. */
  readonly repeated: number;
  readonly effects: number;
  /** Applications that gave up while they started, and were started anew. */
  readonly failed_starts: number;
  readonly violations: readonly Violation[];
}

/** All runs together: what `--json` writes. */
export interface DrillReport extends Omit<RunReport, 'nodes'> {
  readonly seed: number;
  readonly seconds: number;
  readonly runs: readonly RunReport[];
}

type Recoveries = Readonly<Record<string, Counts>>;
type Counts = Partial<Record<FaultKind, number>>;

export const reportOf = (
  nodes: number,
  { faults, failedStarts }: DrillRecord,
  verdict: Verdict,
): RunReport => {
  const { violations, recoveries } = verdict;
  const counts: Counts = {};
  for (const { fault, failure } of faults) {
    if (failure === undefined) counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
  }
  const longest: Record<string, Counts> = {};
  for (const { kind, group, ms, disturbed } of recoveries) {
    if (!disturbed) longest[group] = merged([longest[group] ?? {}, { [kind]: Math.round(ms) }], Math.max);
  }
  return {
    nodes,
    faults: counts,
    published: verdict.published,
    due: verdict.due,
    handled: verdict.handled,
    lost: countOf(violations, 'lost', 'lost-publish'),
    duplicate_effects: countOf(violations, 'duplicate-effect', 'torn-commit'),
    order_violations: countOf(violations, 'order'),
    dead_lettered: verdict.deadLettered,
    dead_letter_duplicates: countOf(violations, 'dead-letter-duplicate'),
    max_recovery_ms: Math.max(0, ...Object.values(longest).flatMap((counts) => Object.values(counts))),
    recovery_ms: longest,
    repeated: verdict.repeated,
    effects: verdict.effects,
    failed_starts: failedStarts,
    violations,
  };
};

const merged = (all: readonly Counts[], combine: (a: number, b: number) => number): Counts => {
  const result: Counts = {};
  for (const counts of all) {
    for (const [kind, value] of Object.entries(counts) as [FaultKind, number][]) {
      result[kind] = combine(result[kind] ?? 0, value);
    }
  }
  return result;
};

const longestOf = (all: readonly Recoveries[]): Recoveries => {
  const groups = new Set(all.flatMap((recoveries) => Object.keys(recoveries)));
  return Object.fromEntries(
    [...groups].map((group) => [
      group,
      merged(
        all.map((recoveries) => recoveries[group] ?? {}),
        Math.max,
      ),
    ]),
  );
};

export const combine = (seed: number, seconds: number, runs: readonly RunReport[]): DrillReport => {
  const sum = (of: (run: RunReport) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    seed,
    seconds,
    faults: merged(
      runs.map(({ faults }) => faults),
      (a, b) => a + b,
    ),
    published: sum(({ published }) => published),
    due: sum(({ due }) => due),
    handled: sum(({ handled }) => handled),
    lost: sum(({ lost }) => lost),
    duplicate_effects: sum((run) => run.duplicate_effects),
    order_violations: sum((run) => run.order_violations),
    dead_lettered: sum((run) => run.dead_lettered),
    dead_letter_duplicates: sum((run) => run.dead_letter_duplicates),
    max_recovery_ms: Math.max(0, ...runs.map((run) => run.max_recovery_ms)),
    recovery_ms: longestOf(runs.map((run) => run.recovery_ms)),
    repeated: sum(({ repeated }) => repeated),
    effects: sum(({ effects }) => effects),
    failed_starts: sum((run) => run.failed_starts),
    violations: runs.flatMap(({ violations }) => violations),
    runs,
  };
};

/** A run in words. */
export const linesOf = (run: RunReport): string[] => [
  `${run.published} events published, ${run.handled} of ${run.due} due handlings, ${run.dead_lettered} dead letters, ` +
    `${run.effects} effects, ${run.repeated} handled again`,
  `lost ${run.lost}, duplicate effects ${run.duplicate_effects}, out of order ${run.order_violations}, ` +
    `dead letters twice ${run.dead_letter_duplicates}, longest recovery ${(run.max_recovery_ms / 1000).toFixed(1)} s`,
  ...run.violations.map(({ kind, what }) => `VIOLATION  ${kind}: ${what}`),
];

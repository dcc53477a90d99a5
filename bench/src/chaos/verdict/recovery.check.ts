import { DrillRecord, GroupRules, Injected } from '../record/drill.record.js';
import { FaultKind } from '../schedule/fault.js';
import { eventsFor } from './delivery.check.js';
import { RECOVERY_BOUND_MS } from './recovery.bounds.js';
import { Violation } from './violation.js';

/** How long it took until all was well again after a fault. */
export interface Recovery {
  readonly kind: FaultKind;
  readonly ms: number;
  /** The group that took longest. */
  readonly group: string;
  /** Another fault came before: this tells nothing about the first alone. */
  readonly disturbed: boolean;
}

/** Accounts whose events all succeed at once: their next event is the sign of life. */
export const GOOD_PREFIX = 'good-';

/**
 * Of each fault, when every group had handled, of every key, an event whose publishing was confirmed after the
 * fault's end. What was never handled after a fault is not told here, but lost.
 */
export const recoveries = (record: DrillRecord): Recovery[] => {
  const firstEnds = record.groups.map((rules) => signsOfLife(rules, record));
  return record.faults.map(({ fault, mendedMs }, at) => {
    const next = record.faults.slice(at + 1).find(({ beganMs }) => beganMs > mendedMs);
    const slowest = firstEnds
      .map(({ group, signs }) => ({ group, ms: recoveryOf(signs, mendedMs) }))
      .reduce((worst, one) => (one.ms > worst.ms ? one : worst), { group: '', ms: 0 });
    return { kind: fault.kind, ...slowest, disturbed: disturbs(next, mendedMs + slowest.ms) };
  });
};

export const checkRecoveries = (all: readonly Recovery[]): Violation[] =>
  all
    .filter(({ kind, ms, disturbed }) => !disturbed && ms > RECOVERY_BOUND_MS[kind])
    .map(({ kind, ms, group }) => ({
      kind: 'recovery',
      what: `${group} needed ${Math.round(ms)} ms after ${kind}, more than ${RECOVERY_BOUND_MS[kind]} ms`,
    }));

const disturbs = (next: Injected | undefined, beforeMs: number): boolean =>
  next !== undefined && next.beganMs < beforeMs;

interface Sign {
  readonly publishedMs: number;
  readonly handledMs: number;
}

const signsOfLife = (
  rules: GroupRules,
  record: DrillRecord,
): { group: string; signs: ReadonlyMap<string, readonly Sign[]> } => {
  const handledAt = new Map<number, number>();
  for (const { group, sequence, endedMs } of record.handlings) {
    if (group !== rules.group || endedMs === undefined) continue;
    handledAt.set(sequence, Math.min(endedMs, handledAt.get(sequence) ?? Infinity));
  }
  const publishedAt = new Map(record.confirmations.map(({ sequence, atMs }) => [sequence, atMs]));
  const signs = new Map<string, Sign[]>();
  for (const { key, sequence } of eventsFor(rules, record.events)) {
    const publishedMs = publishedAt.get(sequence);
    const handledMs = handledAt.get(sequence);
    if (!key.startsWith(GOOD_PREFIX) || publishedMs === undefined || handledMs === undefined) continue;
    signs.set(key, [...(signs.get(key) ?? []), { publishedMs, handledMs }]);
  }
  return { group: rules.group, signs };
};

const recoveryOf = (signs: ReadonlyMap<string, readonly Sign[]>, mendedMs: number): number =>
  Math.max(
    0,
    ...[...signs.values()].map((ofKey) => {
      const after = ofKey.filter(({ publishedMs }) => publishedMs >= mendedMs);
      // Nothing was published any more: the run ended.
      if (after.length === 0) return 0;
      return Math.min(...after.map(({ handledMs }) => handledMs)) - mendedMs;
    }),
  );

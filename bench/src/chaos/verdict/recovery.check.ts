import { DrillRecord, GroupRules, Injected } from '../record/drill.record.js';
import { FaultKind } from '../schedule/fault.js';
import { eventsFor } from './delivery.check.js';
import { COPIED_RECOVERY_BOUND_MS, RECOVERY_BOUND_MS } from './recovery.bounds.js';
import { Violation } from './violation.js';

/** How long it took a group until all was well again after a fault. */
export interface Recovery {
  readonly kind: FaultKind;
  readonly group: string;
  readonly ms: number;
  /** Another fault came before: this tells nothing about the first alone. */
  readonly disturbed: boolean;
}

/** Accounts whose events all succeed at once: their next event is the sign of life. */
export const GOOD_PREFIX = 'good-';

/**
 * Of each fault and group, when the group had handled, of every good key, an event whose publishing was confirmed after
 * the fault's end. What was never handled after a fault is not told here, but lost.
 */
export const recoveries = (record: DrillRecord): Recovery[] =>
  record.groups.flatMap((rules) => {
    const signs = signsOfLife(rules, record);
    if (signs.size === 0) return [];
    return record.faults.map(({ fault, mendedMs }, at) => {
      const next = record.faults.slice(at + 1).find(({ beganMs }) => beganMs > mendedMs);
      const ms = recoveryOf(signs, mendedMs);
      return { kind: fault.kind, group: rules.group, ms, disturbed: disturbs(next, mendedMs + ms) };
    });
  });

export const checkRecoveries = (all: readonly Recovery[], { groups }: DrillRecord): Violation[] => {
  const copied = new Set(groups.filter((rules) => rules.copied).map(({ group }) => group));
  return all.flatMap(({ kind, ms, group, disturbed }): Violation[] => {
    const boundMs = copied.has(group) ? COPIED_RECOVERY_BOUND_MS : RECOVERY_BOUND_MS;
    if (disturbed || ms <= boundMs) return [];
    return [
      {
        kind: 'recovery',
        what: `${group} needed ${Math.round(ms)} ms after ${kind}, more than ${boundMs} ms`,
      },
    ];
  });
};

const disturbs = (next: Injected | undefined, beforeMs: number): boolean =>
  next !== undefined && next.beganMs < beforeMs;

interface Sign {
  readonly publishedMs: number;
  readonly handledMs: number;
}

const signsOfLife = (rules: GroupRules, record: DrillRecord): ReadonlyMap<string, readonly Sign[]> => {
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
  return signs;
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

import { DrillRecord } from '../record/drill.record.js';
import { checkDeliveries, deadOf, eventsFor, handledBy } from './delivery.check.js';
import { checkEffects } from './effects.check.js';
import { checkOrder } from './order.check.js';
import { checkPublishes } from './publish.check.js';
import { checkRecoveries, recoveries, Recovery } from './recovery.check.js';
import { Violation } from './violation.js';

/** What a run came to. */
export interface Verdict {
  /** Events in their stream. */
  readonly published: number;
  /** Pairs of an event and a group that has to deal with it. */
  readonly due: number;
  /** Of those, handled. One may have been handled and put aside: on its last attempt, it was cut off after its effect. */
  readonly handled: number;
  /** Of those, in the dead letters. */
  readonly deadLettered: number;
  /** Handlings that came after one that had succeeded: at least once allows them. */
  readonly repeated: number;
  readonly effects: number;
  readonly recoveries: readonly Recovery[];
  readonly violations: readonly Violation[];
}

/** Judges a run by its record. */
export const judge = (record: DrillRecord): Verdict => {
  const all = recoveries(record);
  const sum = (count: (rules: DrillRecord['groups'][number]) => number): number =>
    record.groups.reduce((total, rules) => total + count(rules), 0);
  return {
    published: record.events.length,
    due: sum((rules) => eventsFor(rules, record.events).length),
    handled: sum((rules) => handledBy(rules, record).size),
    deadLettered: sum((rules) => deadOf(rules, record).size),
    repeated: sum((rules) => repeatedBy(rules.group, record)),
    effects: record.effects.length,
    recoveries: all,
    violations: [
      ...checkPublishes(record),
      ...checkDeliveries(record),
      ...checkEffects(record),
      ...checkOrder(record),
      ...checkRecoveries(all, record),
      ...record.surprises.map((what): Violation => ({ kind: 'surprise', what })),
    ],
  };
};

const repeatedBy = (group: string, { handlings }: DrillRecord): number => {
  const ended = handlings.filter((handling) => handling.group === group && handling.endedMs !== undefined);
  return ended.length - new Set(ended.map(({ sequence }) => sequence)).size;
};

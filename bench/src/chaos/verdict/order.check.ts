import { DrillRecord, GroupRules, Handling } from '../record/drill.record.js';
import { eventsFor } from './delivery.check.js';
import { Violation } from './violation.js';

/** Dead letters bear the server's wall clock, which is compared with the monotonic one. */
const CLOCK_TOLERANCE_MS = 5;

/**
 * Promise 4: an ordered group begins with an event only when it is done with all those of the key before it (handled,
 * or put aside), and its effects are in the order of the stream. That something is handled again is no violation.
 */
export const checkOrder = (record: DrillRecord): Violation[] =>
  record.groups
    .filter(({ ordered = false }) => ordered)
    .flatMap((rules) => [...ranAhead(rules, record), ...effectsOutOfOrder(rules, record)]);

const ranAhead = (rules: GroupRules, record: DrillRecord): Violation[] => {
  const deadMs = new Map(
    record.deadLetters
      .filter(({ group }) => group === rules.group)
      .map(({ sequence, atMs }) => [sequence, atMs - CLOCK_TOLERANCE_MS]),
  );
  const bySequence = handlingsBySequence(rules, record.handlings);
  const violations: Violation[] = [];
  for (const [key, sequences] of sequencesByKey(rules, record)) {
    let doneMs = 0;
    let done = 0;
    for (const sequence of sequences) {
      const handlings = bySequence.get(sequence) ?? [];
      const beganMs = Math.min(...handlings.map((handling) => handling.beganMs));
      if (beganMs < doneMs) {
        const ahead = (doneMs - beganMs).toFixed(1);
        violations.push({
          kind: 'order',
          what: `${rules.group} began with ${sequence} of ${key} ${ahead} ms before ${done} was done`,
        });
      }
      const endedMs = firstEnd(handlings, deadMs.get(sequence));
      if (endedMs !== undefined && endedMs > doneMs) {
        doneMs = endedMs;
        done = sequence;
      }
    }
  }
  return violations;
};

const firstEnd = (handlings: readonly Handling[], deadMs: number | undefined): number | undefined => {
  const ends = handlings.flatMap(({ endedMs }) => (endedMs === undefined ? [] : [endedMs]));
  return ends.length > 0 ? Math.min(...ends) : deadMs;
};

const effectsOutOfOrder = ({ group }: GroupRules, { effects }: DrillRecord): Violation[] => {
  const last = new Map<string, number>();
  return effects
    .filter((effect) => effect.group === group)
    .flatMap(({ account, sequence }): Violation[] => {
      const before = last.get(account) ?? 0;
      last.set(account, Math.max(before, sequence));
      if (sequence > before) return [];
      return [
        { kind: 'order', what: `${group} booked ${sequence} on ${account} after it had booked ${before}` },
      ];
    });
};

const handlingsBySequence = (
  { group }: GroupRules,
  handlings: readonly Handling[],
): Map<number, Handling[]> => {
  const bySequence = new Map<number, Handling[]>();
  for (const handling of handlings) {
    if (handling.group !== group) continue;
    const others = bySequence.get(handling.sequence);
    if (others) others.push(handling);
    else bySequence.set(handling.sequence, [handling]);
  }
  return bySequence;
};

const sequencesByKey = (rules: GroupRules, { events }: DrillRecord): Map<string, number[]> => {
  const byKey = new Map<string, number[]>();
  for (const { key, sequence } of eventsFor(rules, events)) {
    byKey.set(key, [...(byKey.get(key) ?? []), sequence]);
  }
  return byKey;
};

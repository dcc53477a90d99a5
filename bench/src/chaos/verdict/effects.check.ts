import { addToDigest } from '../record/digest.js';
import { AccountState, DrillRecord, Effect } from '../record/drill.record.js';
import { Violation } from './violation.js';

/**
 * Promise 3: an event has its effect on committed state once, however often it was handled, and state and its events
 * agree: a commit is one write.
 */
export const checkEffects = ({ effects, accounts }: DrillRecord): Violation[] => [
  ...repeatedEffects(effects),
  ...tornCommits(effects, accounts),
];

const repeatedEffects = (effects: readonly Effect[]): Violation[] => {
  const seen = new Set<string>();
  return effects.flatMap(({ group, account, origin, count }): Violation[] => {
    const what = `${group} ${origin}`;
    if (!seen.has(what)) {
      seen.add(what);
      return [];
    }
    return [{ kind: 'duplicate-effect', what: `${what} was booked on ${account} again, as no. ${count}` }];
  });
};

const tornCommits = (effects: readonly Effect[], accounts: readonly AccountState[]): Violation[] => {
  const byAccount = new Map<string, Effect[]>();
  const placeOf = ({ group, account }: { group: string; account: string }): string => `${group}/${account}`;
  for (const effect of effects) {
    byAccount.set(placeOf(effect), [...(byAccount.get(placeOf(effect)) ?? []), effect]);
  }
  const states = new Map(accounts.map((state) => [placeOf(state), state]));
  const places = new Set([...byAccount.keys(), ...states.keys()]);
  return [...places].flatMap((place): Violation[] => {
    const booked = byAccount.get(place) ?? [];
    const { count = 0, digest = 0 } = states.get(place) ?? {};
    const expected = booked.reduce((sum, { origin }) => addToDigest(sum, origin), 0);
    const counts = new Set(booked.map((effect) => effect.count));
    if (count === booked.length && digest === expected && counts.size === count) return [];
    return [
      {
        kind: 'torn-commit',
        what: `${place} has ${count} effects in its state and ${booked.length} in its events`,
      },
    ];
  });
};

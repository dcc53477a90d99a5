import { DrillRecord, GroupRules, StoredEvent } from '../record/drill.record.js';
import { Violation } from './violation.js';

/** The events that a group has to deal with. */
export const eventsFor = ({ type }: GroupRules, events: readonly StoredEvent[]): StoredEvent[] =>
  events.filter((event) => event.type === type);

/** The events that a group has dealt with: its handler returned, or, where it commits, its effect is there. */
export const handledBy = ({ group, commits = false }: GroupRules, record: DrillRecord): Set<number> =>
  new Set(
    commits
      ? record.effects.filter((effect) => effect.group === group).map(({ sequence }) => sequence)
      : record.handlings
          .filter((handling) => handling.group === group && handling.endedMs !== undefined)
          .map(({ sequence }) => sequence),
  );

/** The events that a group has put aside. */
export const deadOf = ({ group }: GroupRules, { deadLetters }: DrillRecord): Set<number> =>
  new Set(deadLetters.filter((letter) => letter.group === group).map(({ sequence }) => sequence));

/** Promise 2: every group has handled every event, or it is in the dead letters; there, once. */
export const checkDeliveries = (record: DrillRecord): Violation[] => [
  ...record.groups.flatMap((rules) => lostBy(rules, record)),
  ...repeatedLetters(record),
];

const lostBy = (rules: GroupRules, record: DrillRecord): Violation[] => {
  const handled = handledBy(rules, record);
  const dead = deadOf(rules, record);
  return eventsFor(rules, record.events)
    .filter(({ sequence }) => !handled.has(sequence) && !dead.has(sequence))
    .map(({ id, sequence }) => ({
      kind: 'lost',
      what: `${rules.group} has neither handled nor put aside ${sequence} (${id})`,
    }));
};

const repeatedLetters = ({ deadLetters }: DrillRecord): Violation[] => {
  const seen = new Set<string>();
  return deadLetters.flatMap(({ group, sequence, cause }): Violation[] => {
    const place = `${group} ${sequence}`;
    if (!seen.has(place)) {
      seen.add(place);
      return [];
    }
    return [
      { kind: 'dead-letter-duplicate', what: `${group} has put aside ${sequence} once more (${cause})` },
    ];
  });
};

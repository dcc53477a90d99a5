import { DrillRecord } from '../record/drill.record.js';
import { Violation } from './violation.js';

/** Promise 1: what was confirmed is stored, and nothing is stored twice. */
export const checkPublishes = ({ events, confirmations }: DrillRecord): Violation[] => {
  const places = new Map<string, number[]>();
  for (const { id, sequence } of events) places.set(id, [...(places.get(id) ?? []), sequence]);
  const lost = confirmations
    .filter(({ id, sequence }) => !places.get(id)?.includes(sequence))
    .map(({ id, sequence }): Violation => ({
      kind: 'lost-publish',
      what: `${id} was confirmed as ${sequence}, and is not there`,
    }));
  const twice = [...places]
    .filter(([, sequences]) => sequences.length > 1)
    .map(([id, sequences]): Violation => ({
      kind: 'duplicate-publish',
      what: `${id} is stored as ${sequences.join(' and ')}`,
    }));
  return [...lost, ...twice];
};

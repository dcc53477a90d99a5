import { assertNever } from '@millrace/core';
import { LeaseRecord, LockMode } from './lease.record.js';

/** A record of the resource as the server has it. */
export interface SeenRecord {
  readonly id: string;
  /** Of its newest write. */
  readonly sequence: number;
  readonly record: LeaseRecord;
}

/** What a contender asks for. */
export interface Claim {
  readonly id: string;
  readonly mode: LockMode;
  readonly permits: number | undefined;
  /** Its place in line; `undefined` before it has one. */
  readonly ticket: number | undefined;
}

export type Verdict =
  /** It is this contender's turn. */
  | { kind: 'take' }
  /** There is room, but `ahead` others should take theirs first: it may pass those that do not. */
  | { kind: 'pass'; ahead: number }
  | { kind: 'wait'; ahead: number };

/** The place in line of a record that waits. */
export const ticketOf = ({ sequence, record }: SeenRecord): number => record.ticket ?? sequence;

type Wish = Pick<LeaseRecord, 'mode' | 'permits'>;

const fits = (wish: Wish, held: readonly Wish[]): boolean => {
  switch (wish.mode) {
    case 'exclusive':
      return held.length === 0;
    case 'shared':
      return held.every(({ mode }) => mode === 'shared');
    case 'permit':
      // Replicas of two releases may disagree: the smallest number holds for all.
      return held.length < Math.min(...[wish, ...held].map(({ permits }) => permits ?? 1));
    default:
      return assertNever(wish.mode);
  }
};

/**
 * Whether a contender may take the resource now. First come, first served: those ahead are given what they
 * wait for in thought, and the first that must wait makes everyone behind it wait, whatever they ask for.
 */
export const judge = (records: Iterable<SeenRecord>, claim: Claim): Verdict => {
  const held: Wish[] = [];
  const waiting: SeenRecord[] = [];
  const place = claim.ticket ?? Number.POSITIVE_INFINITY;
  for (const seen of records) {
    if (seen.record.state === 'held') held.push(seen.record);
    else if (seen.id !== claim.id && ticketOf(seen) < place) waiting.push(seen);
  }
  const ahead = waiting.length;
  if (!fits(claim, held)) return { kind: 'wait', ahead };
  waiting.sort((a, b) => ticketOf(a) - ticketOf(b));
  const given = [...held];
  for (const { record } of waiting) {
    if (!fits(record, given)) return { kind: 'pass', ahead };
    given.push(record);
  }
  return fits(claim, given) ? { kind: 'take' } : { kind: 'pass', ahead };
};

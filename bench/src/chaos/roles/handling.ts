import { PermanentError } from '@millrace/events';
import { Journal, monotonicMs } from '../record/journal.js';
import { Fate } from './contracts.js';

/** What of a delivery the record needs. */
interface Handled {
  readonly group: string;
  readonly sequence: number;
  readonly attempt: number;
}

/** Handles as an event's fate wants it, and writes down the beginning and the end of what succeeds. */
export const handleAsFated = async (
  journal: Journal,
  { message, fate, effect }: { message: Handled; fate: Fate; effect: () => Promise<unknown> },
): Promise<void> => {
  const { group, sequence, attempt } = message;
  journal.write(['begin', group, sequence, attempt, monotonicMs()]);
  if (fate === 'hopeless') throw new PermanentError('hopeless');
  if (fate === 'poison' || (fate === 'flaky' && attempt === 1)) throw new Error(fate);
  await effect();
  if (fate === 'late' && attempt === 1) throw new Error(fate);
  journal.write(['end', group, sequence, attempt, monotonicMs()]);
};

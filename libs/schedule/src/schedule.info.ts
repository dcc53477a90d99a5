import { Cursor } from './keeping/cursor.js';
import { nextNominal } from './planning/planner.js';
import { Policy } from './planning/schedule.policy.js';
import { ScheduleRecord } from './record/schedule.record.js';
import { Target } from './record/schedule.target.js';
import { Timing } from './timing/timing.js';

/** A schedule as it stands. */
export interface ScheduleInfo {
  readonly name: string;
  /** The application that made it. */
  readonly owner: string;
  /** It stands in the code of its owner. */
  readonly declared: boolean;
  /** `completed`: nothing comes any more. */
  readonly state: 'active' | 'paused' | 'completed';
  readonly timing: Timing;
  readonly policy: Policy;
  readonly target: Target;
  readonly createdAt: Date;
  /** The nominal time of the last occurrence; `undefined` where it has had none. */
  readonly last: Date | undefined;
  /** How many occurrences it has had. */
  readonly runs: number;
  /** The nominal time of the next occurrence; `undefined` where none comes. */
  readonly next: Date | undefined;
}

export const scheduleInfo = (record: ScheduleRecord, cursor: Cursor, now: number): ScheduleInfo => {
  const { name, owner, declared, paused, timing, policy, target, createdAt } = record;
  const next = nextNominal(record, cursor, now);
  const state = next === undefined ? 'completed' : paused ? 'paused' : 'active';
  return {
    name,
    owner,
    declared,
    state,
    timing,
    policy,
    target,
    createdAt: new Date(createdAt),
    last: cursor.last === undefined ? undefined : new Date(cursor.last),
    runs: cursor.runs,
    next: next === undefined || paused ? undefined : new Date(next),
  };
};

import { Timing } from '../timing/timing.js';
import { lastBefore, nextAfter } from '../timing/timing.search.js';
import { jitterOf } from './jitter.js';
import { Policy } from './schedule.policy.js';

/** What there is to know of a schedule to plan it. */
export interface Plannable {
  readonly name: string;
  readonly timing: Timing;
  readonly policy: Policy;
  /** Only what comes due after this is its own. Milliseconds since the epoch. */
  readonly from: number;
}

/** How far a schedule has come. */
export interface Progress {
  /** The nominal time of its last occurrence. */
  readonly last: number | undefined;
  /** How many occurrences it has had. */
  readonly runs: number;
}

export interface Planned {
  /** The nominal time. */
  readonly scheduledFor: number;
  /** It came due while nobody kept time. */
  readonly missed: boolean;
}

export interface Plan {
  /** What is to fire now, in order. */
  readonly due: readonly Planned[];
  /** When to plan again; `undefined` where nothing comes any more. */
  readonly wakeAt: number | undefined;
}

/** One plan does not hold more than this: the rest is planned after it. */
const MAX_DUE = 1000;

/** What is due at `now`, under the schedule's policies. */
export const plan = (schedule: Plannable, progress: Progress, now: number): Plan => {
  const left = (schedule.policy.maxRuns ?? Number.POSITIVE_INFINITY) - progress.runs;
  const missed = missedBy(schedule, progress, now);
  const due = missed.slice(0, Math.min(left, MAX_DUE));
  let at = upcoming(schedule, Math.max(floorOf(schedule, progress), cutoffOf(schedule, now) - 1));
  while (at !== undefined && due.length < left) {
    const dueAt = at + jitterOf(schedule.name, at, schedule.policy.jitterMs);
    if (dueAt > now) return { due, wakeAt: dueAt };
    if (due.length === MAX_DUE) return { due, wakeAt: now };
    due.push({ scheduledFor: at, missed: false });
    at = upcoming(schedule, at);
  }
  return { due, wakeAt: undefined };
};

/**
 * The nominal time of the next occurrence: after `now`, or before it where one is overdue. `undefined` where
 * nothing comes any more.
 */
export const nextNominal = (schedule: Plannable, progress: Progress, now: number): number | undefined => {
  if (progress.runs >= (schedule.policy.maxRuns ?? Number.POSITIVE_INFINITY)) return undefined;
  const floor = floorOf(schedule, progress);
  const skips = schedule.policy.misfire === 'skip';
  return (
    upcoming(schedule, Math.max(floor, now)) ??
    upcoming(schedule, skips ? Math.max(floor, cutoffOf(schedule, now) - 1) : floor)
  );
};

const floorOf = ({ from, policy }: Plannable, { last }: Progress): number =>
  Math.max(from, last ?? from, (policy.startAt ?? from + 1) - 1);

/** What is older than this was missed. */
const cutoffOf = ({ policy }: Plannable, now: number): number => now - policy.graceMs - policy.jitterMs;

const upcoming = ({ timing, policy }: Plannable, after: number): number | undefined => {
  const at = nextAfter(timing, after);
  return at === undefined || at > (policy.endAt ?? at) ? undefined : at;
};

const missedBy = (schedule: Plannable, progress: Progress, now: number): Planned[] => {
  const { timing, policy } = schedule;
  const floor = floorOf(schedule, progress);
  const cutoff = Math.min(cutoffOf(schedule, now), (policy.endAt ?? now) + 1);
  const first = policy.misfire === 'skip' ? undefined : nextAfter(timing, floor);
  if (first === undefined || first >= cutoff) return [];
  const count = policy.misfire === 'once' ? 1 : policy.misfireBound;
  return lastBefore(timing, cutoff, count)
    .filter((scheduledFor) => scheduledFor > floor)
    .map((scheduledFor) => ({ scheduledFor, missed: true }));
};

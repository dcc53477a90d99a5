import { Policy, PolicyOptions, resolvePolicy } from './planning/schedule.policy.js';
import { ScheduleRecord } from './record/schedule.record.js';
import { Target } from './record/schedule.target.js';
import { scheduleInvalid } from './schedule.errors.js';
import { parseTiming, ScheduleSpec } from './timing/timing.parser.js';
import { sameTiming, Timing } from './timing/timing.js';

/** When a schedule fires, and how it behaves beside its times. */
export interface TimingOptions extends PolicyOptions {
  /** IANA name, for cron expressions. Default `UTC`. */
  timeZone?: string;
}

/** A definition that has been checked. */
export interface Defined {
  readonly timing: Timing;
  readonly policy: Policy;
}

const MAX_NAME_LENGTH = 200;

/** @throws MillraceError `SCHEDULE_INVALID` */
export const assertScheduleName = (name: string): string => {
  if (name.length > 0 && name.length <= MAX_NAME_LENGTH) return name;
  throw scheduleInvalid(
    `A schedule's name of ${name.length} characters is not possible`,
    `Give 1 to ${MAX_NAME_LENGTH} characters`,
  );
};

/** @throws MillraceError `SCHEDULE_INVALID`, `DURATION_INVALID` */
export const defineTiming = (spec: ScheduleSpec, { timeZone, ...policy }: TimingOptions): Defined => {
  const timing = parseTiming(spec, timeZone);
  return { timing, policy: resolvePolicy(policy, timing) };
};

/** @throws MillraceError `SCHEDULE_INVALID` for an instant, or an end, that has passed. */
export const assertAhead = ({ timing, policy }: Defined, now: number): void => {
  if (timing.kind === 'once' && timing.at <= now) {
    throw scheduleInvalid(
      `${new Date(timing.at).toISOString()} has passed`,
      'Give an instant that is to come',
    );
  }
  if (policy.endAt !== undefined && policy.endAt <= now) {
    throw scheduleInvalid(`Its end, ${new Date(policy.endAt).toISOString()}, has passed`, 'Give a later end');
  }
};

export interface NewSchedule extends Defined {
  readonly name: string;
  readonly owner: string;
  readonly target: Target;
  readonly declared: boolean;
  readonly version?: string | undefined;
}

/** The record of a schedule that does not exist yet. */
export const newRecord = ({ version, ...schedule }: NewSchedule, now: number): ScheduleRecord =>
  Object.assign(new ScheduleRecord(), schedule, {
    ...(version === undefined ? {} : { version }),
    paused: false,
    from: now,
    createdAt: now,
  });

/** A record with other settings. What came due before, under other times, is not its own. */
export const changedRecord = (
  record: ScheduleRecord,
  changes: Partial<Pick<ScheduleRecord, 'timing' | 'policy' | 'target' | 'version'>>,
  now: number,
): ScheduleRecord => {
  const moved = changes.timing !== undefined && !sameTiming(changes.timing, record.timing);
  return Object.assign(new ScheduleRecord(), record, changes, moved ? { from: now } : {});
};

/** A record that is held back. */
export const pausedRecord = (record: ScheduleRecord): ScheduleRecord =>
  Object.assign(new ScheduleRecord(), record, { paused: true });

/** A record that goes on: what came due meanwhile is not its own. */
export const resumedRecord = (record: ScheduleRecord, now: number): ScheduleRecord =>
  Object.assign(new ScheduleRecord(), record, { paused: false, from: now });

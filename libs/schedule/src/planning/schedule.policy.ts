import { Duration, toMillis } from '@millrace/core';
import { scheduleInvalid } from '../schedule.errors.js';
import { MIN_INTERVAL_MS } from '../timing/timing.parser.js';
import { Timing } from '../timing/timing.js';

/** What becomes of occurrences that came due while nobody kept time. */
export type Misfire = 'skip' | 'once' | 'all';
/** What becomes of an occurrence whose predecessor is still being handled. */
export type Overlap = 'allow' | 'skip' | 'queue';

/** How a schedule behaves beside its times. */
export interface PolicyOptions {
  /**
   * What becomes of occurrences that came due while nobody kept time: none fires (`skip`), the last one does
   * (`once`), or the last `misfireBound` do, in order (`all`). Default `once`.
   */
  misfire?: Misfire;
  /** How many missed occurrences `all` makes up for. Default 1000. */
  misfireBound?: number;
  /** An occurrence that fires late by no more than this was not missed. Default 30 s. */
  misfireGrace?: Duration;
  /** Fires up to that much later, for each occurrence anew, the same in every replica. Default none. */
  jitter?: Duration;
  /** No occurrence before this. */
  start?: Date | string;
  /** No occurrence after this. */
  end?: Date | string;
  /** At most so many occurrences; those triggered by hand do not count. */
  maxRuns?: number;
}

/** A policy with every default in place, as it is stored. */
export interface Policy {
  readonly misfire: Misfire;
  readonly misfireBound: number;
  readonly graceMs: number;
  readonly jitterMs: number;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly maxRuns?: number;
}

const DEFAULTS = { misfire: 'once', misfireBound: 1000, misfireGrace: '30s', jitter: 0 } as const;
const MISFIRES: readonly Misfire[] = ['skip', 'once', 'all'];

/** @throws MillraceError `SCHEDULE_INVALID`, `DURATION_INVALID` */
export const resolvePolicy = (options: PolicyOptions, timing: Timing): Policy => {
  const {
    misfire = DEFAULTS.misfire,
    misfireBound = DEFAULTS.misfireBound,
    misfireGrace = DEFAULTS.misfireGrace,
    jitter = DEFAULTS.jitter,
  } = options;
  if (!MISFIRES.includes(misfire)) {
    throw scheduleInvalid(`misfire is '${misfire as string}'`, `Give one of ${MISFIRES.join(', ')}`);
  }
  const startAt = instant(options.start, 'start');
  const endAt = instant(options.end, 'end');
  if (startAt !== undefined && endAt !== undefined && startAt >= endAt) {
    throw scheduleInvalid('A schedule ends before it starts', 'Give an end after its start');
  }
  const maxRuns = options.maxRuns === undefined ? undefined : positive(options.maxRuns, 'maxRuns');
  return {
    misfire,
    misfireBound: positive(misfireBound, 'misfireBound'),
    graceMs: toMillis(misfireGrace, 'misfireGrace'),
    jitterMs: jitterOf(toMillis(jitter, 'jitter'), timing),
    ...(startAt === undefined ? {} : { startAt }),
    ...(endAt === undefined ? {} : { endAt }),
    ...(maxRuns === undefined ? {} : { maxRuns }),
  };
};

const positive = (value: number, name: string): number => {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw scheduleInvalid(`${name} is ${value}`, 'Give a whole number of at least 1');
};

// Occurrences fire in the order of their nominal times: with more jitter, one would hold up the next.
const jitterOf = (jitterMs: number, timing: Timing): number => {
  if (timing.kind !== 'every' || jitterMs <= Math.max(0, timing.everyMs - MIN_INTERVAL_MS)) return jitterMs;
  throw scheduleInvalid(`A jitter of ${jitterMs} ms is as long as the interval`, 'Give less');
};

const instant = (value: Date | string | undefined, name: string): number | undefined => {
  if (value === undefined) return undefined;
  const at = new Date(value).getTime();
  if (Number.isFinite(at)) return at;
  throw scheduleInvalid(`${name} is '${String(value)}'`, 'Give a Date, or ISO 8601');
};

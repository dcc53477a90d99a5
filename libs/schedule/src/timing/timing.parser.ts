import { Duration, toMillis } from '@millrace/core';
import { scheduleInvalid } from '../schedule.errors.js';
import { parseCron } from './cron.expression.js';
import { Timing } from './timing.js';

/** A cron expression of five fields, or six with seconds first; an interval; or one instant. */
export type ScheduleSpec = string | { readonly every: Duration } | { readonly at: Date | string };

/** Shorter ones would ask more of the server than of a timer in the process. */
export const MIN_INTERVAL_MS = 50;
const DEFAULT_ZONE = 'UTC';

/**
 * A specification as it is stored. Whether an instant has passed is not looked at.
 * @throws MillraceError `SCHEDULE_INVALID`, `DURATION_INVALID`
 */
export const parseTiming = (spec: ScheduleSpec, timeZone: string = DEFAULT_ZONE): Timing => {
  if (typeof spec === 'string') {
    const expression = spec.trim().replace(/\s+/g, ' ');
    parseCron(expression, timeZone);
    return { kind: 'cron', expression, timeZone };
  }
  return 'every' in spec ? parseInterval(spec.every) : parseInstant(spec.at);
};

const parseInterval = (every: Duration): Timing => {
  const everyMs = toMillis(every, 'every');
  if (Number.isSafeInteger(everyMs) && everyMs >= MIN_INTERVAL_MS) return { kind: 'every', everyMs };
  throw scheduleInvalid(
    `An interval of ${everyMs} ms is not possible`,
    `Give whole milliseconds, at least ${MIN_INTERVAL_MS}; use a timer of the process for anything finer`,
  );
};

const parseInstant = (at: Date | string): Timing => {
  const instant = new Date(at).getTime();
  // `new Date('2026-02-31')` rolls over or fails, depending on the form: neither is what was meant.
  if (Number.isFinite(instant) && !(typeof at === 'string' && !isCalendarDate(at))) {
    return { kind: 'once', at: instant };
  }
  throw scheduleInvalid(
    `'${String(at)}' is not an instant`,
    "Give a Date, or ISO 8601 with its offset, as in '2030-01-31T09:00:00+01:00'",
  );
};

const ISO_INSTANT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

const isCalendarDate = (text: string): boolean => {
  const [, year, month, day] = ISO_INSTANT.exec(text) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
};

import { Cron } from 'croner';
import { errorMessage, MillraceError } from '@millrace/core';
import { scheduleInvalid } from '../schedule.errors.js';

/** Parsing costs as much as a search, and the same few expressions are asked for again and again. */
const CACHED = 1000;
/** Croner takes dates and years too, which are not repeated. */
const FORM = /^(@\w+|\S+( \S+){4,5})$/;
const parsed = new Map<string, Cron>();

/**
 * A cron expression in a time zone.
 * @throws MillraceError `SCHEDULE_INVALID` for what is no expression, no zone, or never comes (31 February).
 */
export const parseCron = (expression: string, timeZone: string): Cron => {
  const key = `${timeZone} ${expression}`;
  const known = parsed.get(key);
  if (known) return known;
  const cron = parse(expression, timeZone);
  if (parsed.size >= CACHED) parsed.clear();
  parsed.set(key, cron);
  return cron;
};

const parse = (expression: string, timeZone: string): Cron => {
  assertZone(timeZone);
  if (!FORM.test(expression)) throw malformed(expression);
  let cron: Cron;
  try {
    cron = new Cron(expression, { timezone: timeZone, paused: true, mode: '5-or-6-parts' });
  } catch (error) {
    throw malformed(expression, error);
  }
  // A leap day may be eight years away (2096 to 2104), and croner looks further than that.
  if (cron.nextRun(new Date(0))) return cron;
  throw scheduleInvalid(`'${expression}' never comes`, 'Give a day that exists in one of its months');
};

const malformed = (expression: string, cause?: unknown): MillraceError =>
  scheduleInvalid(
    `'${expression}' is not a cron expression${cause === undefined ? '' : `: ${errorMessage(cause)}`}`,
    "Give five fields, or six with seconds first, as in '0 30 9 * * MON-FRI'",
    cause,
  );

const assertZone = (timeZone: string): void => {
  try {
    Intl.DateTimeFormat('en', { timeZone });
  } catch (error) {
    throw scheduleInvalid(
      `'${timeZone}' is not a time zone`,
      "Give an IANA name, as in 'Europe/Amsterdam' or 'UTC'",
      error,
    );
  }
};

import { configInvalid, Duration, toMillis } from '@millrace/core';

const ISO = /^\d{4}-\d{2}-\d{2}/;

/**
 * A moment, as the user writes it: an ISO 8601 date or time, or a duration before now, as in `2h`.
 * @throws MillraceError `CONFIG_INVALID`
 */
export const momentOf = (option: string, text: string, now: number): Date => {
  const moment = new Date(ISO.test(text) ? text : now - ago(option, text));
  if (!Number.isNaN(moment.getTime())) return moment;
  throw invalid(option, text);
};

const ago = (option: string, text: string): number => {
  try {
    return toMillis(text as Duration);
  } catch {
    throw invalid(option, text);
  }
};

const invalid = (option: string, text: string): Error =>
  configInvalid(
    `--${option} is '${text}'`,
    "Give a time such as '2026-11-21T08:00:00Z', or how long ago, such as '15m', '2h' or '7d'",
  );

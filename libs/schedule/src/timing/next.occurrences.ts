import { parseTiming, ScheduleSpec } from './timing.parser.js';
import { nextAfter } from './timing.search.js';

export interface NextOccurrencesOptions {
  /** How many, at most. Default 5. */
  readonly count?: number;
  /** IANA name, for cron expressions. Default `UTC`. */
  readonly timeZone?: string;
  /** Those after this. Default now. */
  readonly after?: Date;
}

/** When a schedule would fire next. @throws MillraceError `SCHEDULE_INVALID`, `DURATION_INVALID` */
export const nextOccurrences = (
  spec: ScheduleSpec,
  { count = 5, timeZone, after = new Date() }: NextOccurrencesOptions = {},
): Date[] => {
  const timing = parseTiming(spec, timeZone);
  const found: Date[] = [];
  let at = nextAfter(timing, after.getTime());
  while (at !== undefined && found.length < count) {
    found.push(new Date(at));
    at = nextAfter(timing, at);
  }
  return found;
};

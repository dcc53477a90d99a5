import { nextOccurrences, ScheduleInfo, ScheduleSpec } from '@millrace/schedule';
import { Output } from '../output/output.js';
import { Table } from '../output/table.js';

/** An occurrence to come, as clocks show it. */
export interface Upcoming {
  readonly at: string;
  readonly local: string;
  readonly zone: string;
}

/** The next nominal times; a start, an end and the runs that are left are looked at, jitter is not. */
export const upcoming = (info: ScheduleInfo, count: number): Upcoming[] => {
  const { timing, policy, next, runs } = info;
  if (next === undefined) return [];
  const left = (policy.maxRuns ?? Number.POSITIVE_INFINITY) - runs;
  const timeZone = timing.kind === 'cron' ? timing.timeZone : 'UTC';
  return nextOccurrences(specOf(info), {
    count: Math.min(count, left),
    timeZone,
    after: new Date(next.getTime() - 1),
  })
    .filter((date) => date.getTime() <= (policy.endAt ?? date.getTime()))
    .map((date) => ({ at: date.toISOString(), local: clockText(date), zone: clockText(date, timeZone) }));
};

export const upcomingRows = (output: Output, rows: readonly Upcoming[]): string[] => {
  if (output.isJson) return rows.map((row) => JSON.stringify(row));
  if (rows.length === 0) return [];
  const table = new Table<Upcoming>(
    [
      { title: 'LOCAL', of: ({ local }) => local, max: 40 },
      { title: 'IN ITS ZONE', of: ({ zone }) => zone, max: 40 },
      { title: 'UTC', of: ({ at }) => at, max: 24 },
    ],
    rows,
  );
  return [output.paint('bold', table.title), ...rows.map((row) => table.line(row))];
};

const specOf = ({ timing }: ScheduleInfo): ScheduleSpec => {
  if (timing.kind === 'cron') return timing.expression;
  return timing.kind === 'every' ? { every: timing.everyMs } : { at: new Date(timing.at) };
};

// ISO 8601 but for the zone, which says whether summer time is in force.
const clockText = (date: Date, timeZone?: string): string =>
  new Intl.DateTimeFormat('sv-SE', {
    ...(timeZone === undefined ? {} : { timeZone }),
    dateStyle: 'short',
    timeStyle: 'long',
  }).format(date);

import { decodeAttribute, encodeAttribute, HeaderMap } from '@millrace/core';

export const OccurrenceHeader = {
  Schedule: 'Millrace-Schedule',
  /** The nominal time. */
  ScheduledFor: 'Millrace-Scheduled-For',
  FiredAt: 'Millrace-Fired-At',
  Missed: 'Millrace-Missed',
  /** Counts the occurrences of the schedule, from 1. */
  Run: 'Millrace-Run',
  /** `true` where somebody triggered it. */
  Manual: 'Millrace-Manual',
  /** The nominal time up to which the schedule has come; absent where it has had no occurrence of its own. */
  Cursor: 'Millrace-Schedule-Cursor',
} as const;

/** What an occurrence says of itself. */
export interface OccurrenceFacts {
  readonly schedule: string;
  readonly scheduledFor: number;
  readonly firedAt: number;
  readonly missed: boolean;
  readonly run: number;
  readonly manual: boolean;
  readonly cursor: number | undefined;
}

/** The same for every attempt to store an occurrence, by whomever. */
export const occurrenceId = ({ schedule, scheduledFor, manual }: OccurrenceFacts): string =>
  `${schedule}@${iso(scheduledFor)}${manual ? '!' : ''}`;

export const writeFacts = (facts: OccurrenceFacts): Record<string, string> => ({
  [OccurrenceHeader.Schedule]: encodeAttribute(facts.schedule),
  [OccurrenceHeader.ScheduledFor]: iso(facts.scheduledFor),
  [OccurrenceHeader.FiredAt]: iso(facts.firedAt),
  [OccurrenceHeader.Run]: String(facts.run),
  ...(facts.missed ? { [OccurrenceHeader.Missed]: 'true' } : {}),
  ...(facts.manual ? { [OccurrenceHeader.Manual]: 'true' } : {}),
  ...(facts.cursor === undefined ? {} : { [OccurrenceHeader.Cursor]: iso(facts.cursor) }),
});

/** The facts of a message; `undefined` where it is no occurrence. */
export const readFacts = (headers: HeaderMap): OccurrenceFacts | undefined => {
  const schedule = headers[OccurrenceHeader.Schedule];
  const scheduledFor = Date.parse(headers[OccurrenceHeader.ScheduledFor] ?? '');
  if (schedule === undefined || Number.isNaN(scheduledFor)) return undefined;
  const cursor = headers[OccurrenceHeader.Cursor];
  return {
    schedule: decodeAttribute(schedule),
    scheduledFor,
    firedAt: Date.parse(headers[OccurrenceHeader.FiredAt] ?? ''),
    missed: headers[OccurrenceHeader.Missed] === 'true',
    run: Number(headers[OccurrenceHeader.Run]),
    manual: headers[OccurrenceHeader.Manual] === 'true',
    cursor: cursor === undefined ? undefined : Date.parse(cursor),
  };
};

const iso = (at: number): string => new Date(at).toISOString();

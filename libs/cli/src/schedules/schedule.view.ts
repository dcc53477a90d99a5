import { PastOccurrence, ScheduleInfo, timingText } from '@millrace/schedule';
import { Output } from '../output/output.js';
import { Column, Table } from '../output/table.js';

const instant = (date: Date | undefined): string => date?.toISOString() ?? '-';
const targetOf = ({ target }: ScheduleInfo): string => (target.kind === 'event' ? target.type : target.kind);

const SCHEDULE_COLUMNS: readonly Column<ScheduleInfo>[] = [
  { title: 'NAME', of: ({ name }) => name, max: 40 },
  { title: 'STATE', of: ({ state }) => state, max: 9 },
  { title: 'TIMES', of: ({ timing }) => timingText(timing), max: 44 },
  { title: 'NEXT', of: ({ next }) => instant(next), max: 24 },
  { title: 'RUNS', of: ({ runs }) => String(runs), max: 12 },
  { title: 'FIRES', of: targetOf, max: 30 },
  { title: 'OWNER', of: ({ owner, declared }) => (declared ? `${owner} (code)` : owner), max: 30 },
];

const HISTORY_COLUMNS: readonly Column<PastOccurrence>[] = [
  { title: 'SCHEDULED FOR', of: ({ scheduledFor }) => instant(scheduledFor), max: 24 },
  { title: 'FIRED AT', of: ({ firedAt }) => instant(firedAt), max: 24 },
  { title: 'OUTCOME', of: ({ outcome }) => outcome, max: 14 },
  { title: 'TOOK', of: ({ durationMs }) => (durationMs === undefined ? '-' : `${durationMs} ms`), max: 12 },
  { title: 'WHY', of: whyOf, max: 60 },
];

function whyOf({ manual, missed, error }: PastOccurrence): string {
  return [manual ? 'triggered' : '', missed ? 'missed' : '', error ?? '']
    .filter((text) => text !== '')
    .join(', ');
}

const rowsOf = <T>(output: Output, columns: readonly Column<T>[], rows: readonly T[]): string[] => {
  if (output.isJson) return rows.map((row) => JSON.stringify(row));
  if (rows.length === 0) return [];
  const table = new Table(columns, rows);
  return [output.paint('bold', table.title), ...rows.map((row) => table.line(row))];
};

export const scheduleRows = (output: Output, schedules: readonly ScheduleInfo[]): string[] =>
  rowsOf(output, SCHEDULE_COLUMNS, schedules);

export const historyRows = (output: Output, history: readonly PastOccurrence[]): string[] =>
  rowsOf(output, HISTORY_COLUMNS, history);

/** All of a schedule, for people. */
export const scheduleText = (info: ScheduleInfo): string[] => [
  `name     ${info.name}`,
  `owner    ${info.owner}${info.declared ? ', in its code' : ''}`,
  `state    ${info.state}`,
  `times    ${timingText(info.timing)}`,
  `policy   ${JSON.stringify(info.policy)}`,
  `fires    ${targetOf(info)}`,
  `runs     ${info.runs}, the last for ${instant(info.last)}`,
  `next     ${instant(info.next)}`,
  '',
];

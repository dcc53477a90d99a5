import { ErrorCode, MillraceError } from '@millrace/core';

export const scheduleInvalid = (problem: string, remedy: string, cause?: unknown): MillraceError =>
  new MillraceError(ErrorCode.ScheduleInvalid, problem, { remedy, cause });

export const scheduleUnknown = (name: string): MillraceError =>
  new MillraceError(ErrorCode.ScheduleUnknown, `There is no schedule '${name}'`, {
    remedy: 'List the schedules that there are, or create it',
    details: { name },
  });

export const scheduleExists = (name: string): MillraceError =>
  new MillraceError(ErrorCode.ScheduleExists, `There is a schedule '${name}' already`, {
    remedy: 'Choose another name, or update the one that is there',
    details: { name },
  });

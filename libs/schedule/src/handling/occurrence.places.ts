import { encodeKey } from '@millrace/core';
import { DEAD_ROOT } from '@millrace/delivery';

/** `dead.schedule.run.<group>.<schedule>` */
export const occurrenceDeadSubject = (group: string, schedule: string): string =>
  `${DEAD_ROOT}.schedule.run.${group}.${encodeKey(schedule)}`;

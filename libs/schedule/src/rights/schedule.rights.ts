import {
  EventContract,
  eventStreamName,
  mayInspect,
  mayPublish,
  mayRead,
  mayReadBatches,
  Right,
} from '@millrace/core';
import { consumerRights, deadLetterRights } from '@millrace/delivery';
import { occurrenceDeadSubject } from '../handling/occurrence.places.js';
import {
  ALL_OCCURRENCES,
  eventOccurrences,
  OCCURRENCES,
  outcomeSubject,
  runSubject,
} from '../keeping/occurrence.stream.js';

/** What an application does with schedules. */
export interface SchedulePlan {
  /** Whether it fires for all applications when it leads. */
  keepsTime: boolean;
  /** The schedules that call a handler here, and the handlers' groups. */
  handled: readonly { schedule: string; group: string }[];
  /** The events that its schedules publish. */
  events: readonly EventContract[];
}

const LABEL = 'schedules';

/** What it needs, beside the bucket of schedules. */
export const scheduleRights = ({ keepsTime, handled, events }: SchedulePlan): Right[] => [
  mayInspect(OCCURRENCES, LABEL),
  mayRead(OCCURRENCES, LABEL),
  mayReadBatches(OCCURRENCES, LABEL),
  ...(keepsTime ? [mayPublish(ALL_OCCURRENCES, LABEL, 'fire those of all applications')] : []),
  ...events.flatMap((contract) => [
    mayInspect(eventStreamName(contract.name.context), LABEL),
    mayPublish(eventOccurrences(contract.name), LABEL, `trigger ${contract.type}`),
  ]),
  ...handled.flatMap(({ schedule, group }) => {
    const label = `schedule '${schedule}'`;
    return [
      ...consumerRights({ stream: OCCURRENCES, consumer: group, label }),
      ...deadLetterRights(occurrenceDeadSubject(group, schedule), label),
      mayPublish(runSubject(schedule), label, 'trigger it'),
      mayPublish(outcomeSubject(schedule), label, 'note what came of it'),
    ];
  }),
];

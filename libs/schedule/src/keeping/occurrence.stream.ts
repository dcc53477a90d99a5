import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import {
  encodeKey,
  EventName,
  EventSource,
  explicitStreamConfig,
  NO_KEY,
  StreamDeclaration,
} from '@millrace/core';

/** Where every occurrence of every schedule is stored. */
export const OCCURRENCES = 'MILLRACE_OCCURRENCES';

const ROOT = 'occurrence';
/** Occurrences that are handled once more: apart, for the last of the others tells how far a schedule has come. */
const AGAIN_ROOT = 'occurrence-again';
const OUTCOME_ROOT = 'outcome';

export interface OccurrenceStreamOptions {
  /** 1, 3 or 5. Default 1. */
  replicas?: number;
  /** Default `file`. */
  storage?: 'file' | 'memory';
  /** How many occurrences of each schedule are kept. Default 1000. */
  kept?: number;
}

const DEFAULT_KEPT = 1000;

/** What the stream of occurrences is. The last one of a schedule never ages: it tells how far it has come. */
export const occurrenceStream = ({ kept, ...settings }: OccurrenceStreamOptions = {}): StreamDeclaration => ({
  name: OCCURRENCES,
  initial: {
    description: 'Occurrences of schedules, and what became of them',
    subjects: [`${ROOT}.*.run`, `${AGAIN_ROOT}.*.run`, `${ROOT}.*.event.*.*.*`, `${OUTCOME_ROOT}.*`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    max_msgs_per_subject: kept ?? DEFAULT_KEPT,
  },
  required: {
    ...explicitStreamConfig(settings),
    ...(kept === undefined ? {} : { max_msgs_per_subject: kept }),
    allow_direct: true,
  },
});

/** All occurrences of all schedules. */
export const ALL_OCCURRENCES = `${ROOT}.>`;

/** The occurrences, of any schedule, that become one kind of event. */
export const eventOccurrences = ({ context, event }: EventName): string =>
  `${ROOT}.*.event.${context}.${event}.*`;

/** All occurrences of a schedule, whatever they become. */
export const occurrencesOf = (schedule: string): string => `${ROOT}.${encodeKey(schedule)}.>`;

/** Where occurrences wait for a handler. */
export const runSubject = (schedule: string): string => `${ROOT}.${encodeKey(schedule)}.run`;

/** Where an occurrence goes that is replayed. */
export const againSubject = (schedule: string): string => `${AGAIN_ROOT}.${encodeKey(schedule)}.run`;

/** What a schedule's handler takes: its occurrences, and those that are replayed. */
export const runFilter = (schedule: string): string => `*.${encodeKey(schedule)}.run`;

/** Where occurrences lie that become events. */
export const eventOccurrence = (
  schedule: string,
  { context, event }: EventName,
  key: string | undefined,
): string =>
  `${ROOT}.${encodeKey(schedule)}.event.${context}.${event}.${key === undefined ? NO_KEY : encodeKey(key)}`;

/** What became of a schedule's occurrences. */
export const outcomeSubject = (schedule: string): string => `${OUTCOME_ROOT}.${encodeKey(schedule)}`;

/** How a context takes the events of schedules. */
export const occurrenceSource = (context: string): EventSource => ({
  stream: OCCURRENCES,
  from: `${ROOT}.*.event.${context}.*.*`,
  to: `events.${context}.{{wildcard(2)}}.{{wildcard(3)}}`,
});

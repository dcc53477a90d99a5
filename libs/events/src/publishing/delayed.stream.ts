import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { ContextSettings, EventSource, StreamDeclaration, toNanos } from '@millrace/core';

/**
 * Where delayed events wait. A stream that takes from others cannot keep schedules itself (nats-server 2.15:
 * "stream source can not also schedule messages"), and contexts take from outboxes, so events wait in a
 * stream of their own and are taken from there when they are due.
 */
export const DELAYED_STREAM = 'MILLRACE_DELAYED';

const PENDING = 'delayed.pending';
const DUE = 'delayed.due';
/** How long what has come due is kept for the contexts to take. */
const DUE_KEPT_MS = 24 * 3_600_000;

export const delayedStream = ({ replicas, storage }: ContextSettings): StreamDeclaration => ({
  name: DELAYED_STREAM,
  initial: {
    description: 'Events that are published with a delay, until they are due',
    subjects: [`${PENDING}.*`, `${DUE}.*.*.*`],
    retention: RetentionPolicy.Limits,
    storage: storage === 'memory' ? StorageType.Memory : StorageType.File,
    num_replicas: replicas ?? 1,
    // A schedule says `Nats-TTL: never`, so that only what has come due ages.
    max_age: toNanos(DUE_KEPT_MS),
  },
  required: { allow_msg_ttl: true, allow_msg_schedules: true },
});

export const pendingSubject = (token: string): string => `${PENDING}.${token}`;

/** Where an event of this subject (`events.…`) comes due. */
export const dueSubject = (eventSubject: string): string =>
  `${DUE}${eventSubject.slice(eventSubject.indexOf('.'))}`;

/** How a context takes what has come due. */
export const delayedSource = (context: string): EventSource => ({
  stream: DELAYED_STREAM,
  from: `${DUE}.${context}.*.*`,
  to: `events.${context}.{{wildcard(1)}}.{{wildcard(2)}}`,
});

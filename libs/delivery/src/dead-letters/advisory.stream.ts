import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { explicitStreamConfig, StreamDeclaration, toNanos } from '@millrace/core';
import { DEAD_ROOT, DeadLetterSettings } from './dead-letter.stream.js';

export const ADVISORIES = 'DEAD_LETTER_ADVISORIES';

const ADVISED = ['MAX_DELIVERIES', 'MSG_TERMINATED'] as const;
/** How long no replica at all may be there to read them. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Where advisories go that cannot be reconciled. @param name the consumer's */
export const advisoryDeadSubject = (name: string): string => `${DEAD_ROOT}.millrace.advisory.${name}._`;

/** Where the server's advisories wait, which are plain messages, until a replica has reconciled them. */
export const advisoryStream = ({ replicas, storage }: DeadLetterSettings = {}): StreamDeclaration => ({
  name: ADVISORIES,
  initial: {
    description: 'What the server tells of messages that it will not deliver again',
    subjects: ADVISED.map((kind) => `$JS.EVENT.ADVISORY.CONSUMER.${kind}.>`),
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    max_age: toNanos(KEPT_MS),
  },
  required: explicitStreamConfig({
    ...(replicas === undefined ? {} : { replicas }),
    ...(storage === undefined ? {} : { storage }),
  }),
});

import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { ContextSettings, encodeKey, explicitStreamConfig, StreamDeclaration } from '@millrace/core';
import { Delivery } from '../message/delivery.js';

export const INBOX = 'MILLRACE_INBOX';
const INBOX_ROOT = 'millrace.inbox';

export type InboxSettings = Pick<ContextSettings, 'replicas' | 'storage' | 'maxBytes'>;

/** The stream of what groups have handled, or are handling, of those subscribers that are `idempotent`. */
export const inboxStream = (settings: InboxSettings = {}): StreamDeclaration => ({
  name: INBOX,
  initial: {
    description: 'What idempotent subscribers have handled, or are handling',
    subjects: [`${INBOX_ROOT}.*.*.*`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    max_msgs_per_subject: 1,
  },
  required: { ...explicitStreamConfig(settings), allow_msg_ttl: true },
});

/** `millrace.inbox.<stream>.<group>.<id>`: the place of the one entry of a message and a group. */
export const inboxSubject = ({ stream, group }: Delivery, id: string): string =>
  `${INBOX_ROOT}.${stream}.${group}.${encodeKey(id)}`;

/** The entries of all messages of a stream and a group. */
export const inboxFilter = (stream: string, group: string): string => `${INBOX_ROOT}.${stream}.${group}.*`;

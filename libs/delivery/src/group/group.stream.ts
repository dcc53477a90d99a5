import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { ContextSettings, encodeKey, explicitStreamConfig, StreamDeclaration } from '@millrace/core';

export const GROUPS = 'MILLRACE_GROUPS';
export const GROUPS_ROOT = 'millrace.groups';

/** Where it is noted that a message went back unhandled. @param sequence or `*` for all of the consumer. */
export const handBackSubject = (stream: string, consumer: string, sequence: number | '*'): string =>
  `${GROUPS_ROOT}.handback.${stream}.${consumer}.${sequence}`;

/** Where it is noted what a group was granted lately. */
export const rateSubject = (app: string, scope: string, group: string): string =>
  `${GROUPS_ROOT}.rate.${encodeKey(app)}.${scope}.${group}`;

/** The stream of what the replicas of a group tell each other. Each entry ends by its own time to live. */
export const groupStream = ({ replicas }: Pick<ContextSettings, 'replicas'> = {}): StreamDeclaration => ({
  name: GROUPS,
  initial: {
    description: 'What the replicas of a group tell each other: hand-backs and rate limits',
    subjects: [`${GROUPS_ROOT}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    max_msgs_per_subject: 1,
  },
  required: { ...explicitStreamConfig(replicas === undefined ? {} : { replicas }), allow_msg_ttl: true },
});

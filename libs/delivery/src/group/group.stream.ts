import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { ContextSettings, explicitStreamConfig, StreamDeclaration } from '@millrace/core';

export const GROUPS = 'MILLRACE_GROUPS';
export const GROUPS_ROOT = 'millrace.groups';

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

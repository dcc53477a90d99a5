import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { StreamDeclaration } from '@millrace/core';

/** Which replicas there are, and which partitions they own. */
export const OWNERSHIP_STREAM = 'MILLRACE_PARTITIONS';

const ROOT = 'millrace.partitions';

/**
 * Tokens are this stream's sequences, and must not begin anew: neither with a server, so it lies in a file, nor with
 * a stream that was deleted, so it begins at the time, in milliseconds.
 */
export const ownershipStream = (replicas: number | undefined): StreamDeclaration => ({
  name: OWNERSHIP_STREAM,
  initial: {
    description: 'Replicas of groups that handle in order, and the partitions they own',
    subjects: [`${ROOT}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas ?? 1,
    max_msgs_per_subject: 1,
    first_seq: Date.now(),
  },
  required: { allow_direct: true, allow_msg_ttl: true },
  // As many as the most demanding context asks for.
  merge: ({ num_replicas }) => ((replicas ?? 1) > num_replicas ? { num_replicas: replicas ?? 1 } : {}),
});

/** The subjects of one group in one context. */
export interface OwnershipScope {
  context: string;
  group: string;
}

const base = ({ context, group }: OwnershipScope): string => `${ROOT}.${context}.${group}`;

/** Everything about a group in a context. */
export const ownershipSpace = (scope: OwnershipScope): string => `${base(scope)}.>`;
export const memberSubject = (scope: OwnershipScope, member: string): string =>
  `${base(scope)}.member.${member}`;
export const ownerSubject = (scope: OwnershipScope, partition: number): string =>
  `${base(scope)}.owner.${partition}`;
export const parkedSubject = (scope: OwnershipScope, keyToken: string): string =>
  `${base(scope)}.parked.${keyToken}`;
/** How far the release of a parked key has come. */
export const releasedSubject = (scope: OwnershipScope, keyToken: string): string =>
  `${base(scope)}.released.${keyToken}`;
/** Everything about members and owners. */
export const membersAndOwners = (scope: OwnershipScope): string[] => [
  memberSubject(scope, '*'),
  `${base(scope)}.owner.*`,
];

export type OwnershipSubject = { kind: 'member'; member: string } | { kind: 'owner'; partition: number };

export const readOwnershipSubject = (subject: string): OwnershipSubject | undefined => {
  const [kind, name = ''] = subject.split('.').slice(-2);
  if (kind === 'member') return { kind, member: name };
  return kind === 'owner' ? { kind, partition: Number(name) } : undefined;
};

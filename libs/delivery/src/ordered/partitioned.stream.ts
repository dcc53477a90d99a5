import { Msg } from '@nats-io/transport-node';
import { RetentionPolicy, StorageType, StoredMsg, StreamConfig, StreamSource } from '@nats-io/jetstream';
import { readHeaders, StreamDeclaration } from '@millrace/core';
import { Origin } from '../message/delivery.js';
import { StartFrom } from '../provisioning/consumer.declaration.js';

/** What a group takes in order, and into how many partitions it is divided. */
export interface PartitionedSource {
  context: string;
  group: string;
  /** The stream that the messages are stored in. */
  stream: string;
  /** Its subjects, of three parts behind the root: `<root>.<context>.<event>.<key>`. */
  subjects: string;
  partitions: number;
}

const ROOT = 'ordered';
const PARTITIONS = 'millrace.partitions';
const SOURCE_HEADER = 'Nats-Stream-Source';

const PREFIX = 'ORDERED_';

/** A group's own stream of one context. `=` is in no name of a context or a group. */
export const partitionedStreamName = ({ context, group }: PartitionedSource): string =>
  `${PREFIX}${context}=${group}`;

/** The consumer of one of its partitions. */
export const partitionConsumer = ({ group }: Pick<PartitionedSource, 'group'>, partition: number): string =>
  `${group}-${partition}`;

/** Whether a stream of this name is a group's own. */
export const isPartitionedStream = (name: string): boolean => name.startsWith(PREFIX);

/** What a partition's consumer filters for; `event` where it wants one kind only. */
export const partitionFilter = (partition: number, event = '*'): string => `${ROOT}.${partition}.${event}.*`;

export interface PartitionedStreamSettings {
  replicas?: number | undefined;
  storage?: 'file' | 'memory' | undefined;
  start: Partial<Pick<StreamSource, 'opt_start_seq' | 'opt_start_time'>>;
}

/**
 * The stream that the server fills with what the group is to handle, each message under its partition. It
 * holds what is not settled yet, and little more.
 */
export const partitionedStream = (
  source: PartitionedSource,
  { replicas, storage, start }: PartitionedStreamSettings,
): StreamDeclaration => ({
  name: partitionedStreamName(source),
  initial: {
    description: `Events of '${source.context}' for '${source.group}', by partition`,
    retention: RetentionPolicy.Limits,
    storage: storage === 'memory' ? StorageType.Memory : StorageType.File,
    num_replicas: replicas ?? 1,
    allow_direct: true,
    // What the original does not keep for ever is kept here until it is handled: an empty stream would
    // forget how far it has read.
    allow_msg_ttl: false,
    sources: [
      {
        name: source.stream,
        ...start,
        subject_transforms: [
          {
            src: source.subjects,
            dest: `${ROOT}.{{partition(${source.partitions},2)}}.{{wildcard(1)}}.{{wildcard(2)}}`,
          },
        ],
      },
    ],
    metadata: { 'millrace.group': source.group, [PARTITIONS]: String(source.partitions) },
  },
  required: replicas === undefined ? {} : { num_replicas: replicas },
});

/** Into how many partitions an existing stream is divided. */
export const partitionsOf = ({ metadata }: StreamConfig): number => Number(metadata?.[PARTITIONS] ?? 0);

/** Where a source begins for a group that is new, the original's newest message being `lastSequence`. */
export const sourceStart = (from: StartFrom, lastSequence: number): PartitionedStreamSettings['start'] => {
  if (from === 'beginning') return {};
  if (from === 'new') return { opt_start_seq: lastSequence + 1 };
  return from instanceof Date ? { opt_start_time: from.toISOString() } : { opt_start_seq: from };
};

/** Where a message of a partition comes from. */
export const originOf = (message: Msg, { stream, subjects }: PartitionedSource): Origin => {
  const [, sequence, , , subject] = sourceHeader(message).split(' ');
  if (subject) return { stream, sequence: Number(sequence), subject };
  const [, , event, key] = message.subject.split('.');
  // 0 is no message's sequence.
  return { stream, sequence: 0, subject: subjects.replace('*.*', `${event}.${key}`) };
};

/** {@link originOf} a message as it lies in a partition; `undefined` where it does not say. */
export const storedOrigin = ({ header }: StoredMsg): Origin | undefined => {
  const [source, sequence, , , subject] = readHeaders(header)[SOURCE_HEADER]?.split(' ') ?? [];
  // A stream of another account or domain has `:` and a hash behind its name.
  const stream = source?.split(':', 1)[0];
  return stream && subject ? { stream, sequence: Number(sequence), subject } : undefined;
};

// `<stream> <sequence> <filter> <transform> <subject>`. Another client may store headers that this one cannot
// read; whoever looks at them next says so.
const sourceHeader = (message: Msg): string => {
  try {
    return message.headers?.get(SOURCE_HEADER) ?? '';
  } catch {
    return '';
  }
};

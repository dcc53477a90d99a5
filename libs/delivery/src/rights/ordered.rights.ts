import {
  mayListConsumers,
  mayInspect,
  mayPublish,
  mayPurge,
  mayRead,
  mayReadBatches,
  maySubscribe,
  Right,
} from '@millrace/core';
import { DEAD_LETTERS } from '../dead-letters/dead-letter.stream.js';
import { OWNERSHIP_STREAM, ownershipSpace } from '../ordered/ownership.stream.js';
import {
  partitionConsumer,
  PartitionedSource,
  partitionedStreamName,
} from '../ordered/partitioned.stream.js';
import { consumerRights, handBackRights } from './group.rights.js';

export interface OrderedRightsOptions {
  source: PartitionedSource;
  onExhausted: 'skip' | 'park';
  label: string;
}

/** To take messages in the order of each key. */
export const orderedRights = ({ source, onExhausted, label }: OrderedRightsOptions): Right[] => {
  const stream = partitionedStreamName(source);
  const partitions = Array.from({ length: source.partitions }, (_, partition) => ({
    stream,
    consumer: partitionConsumer(source, partition),
    label,
  }));
  const space = ownershipSpace(source);
  return [
    mayInspect(source.stream, label),
    ...partitions.flatMap((place) => consumerRights(place)),
    // What goes back is noted under the original stream.
    ...partitions.flatMap((place) => handBackRights({ ...place, stream: source.stream })),
    mayListConsumers(stream, label, 'see how far all partitions have come'),
    mayPurge(stream, label),
    mayInspect(OWNERSHIP_STREAM, label),
    mayReadBatches(OWNERSHIP_STREAM, label),
    mayPublish(space, label, 'share partitions'),
    maySubscribe(space, label, 'share partitions'),
    ...(onExhausted === 'park' ? [mayRead(OWNERSHIP_STREAM, label), mayRead(DEAD_LETTERS, label)] : []),
  ];
};

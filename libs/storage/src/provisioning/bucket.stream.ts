import { DiscardPolicy, RetentionPolicy, StorageType, StreamConfig } from '@nats-io/jetstream';
import { StreamDeclaration, toMillis, toNanos } from '@millrace/core';
import { BucketDefinition, BucketOptions, markerTtlMs } from '../bucket/bucket.definition.js';
import { bucketStream, fenceSpace, inboxSpace, outboxSpace, valueSpace } from '../bucket/bucket.subjects.js';

const DUPLICATE_WINDOW_MS = 120_000;

const explicit = ({
  history,
  ttl,
  markerTtl,
  replicas,
  storage,
  maxBytes,
}: BucketOptions): Partial<StreamConfig> => ({
  ...(history === undefined ? {} : { max_msgs_per_subject: history }),
  ...(ttl === undefined ? {} : { max_age: toNanos(toMillis(ttl, 'ttl')) }),
  ...(markerTtl === undefined
    ? {}
    : { subject_delete_marker_ttl: toNanos(toMillis(markerTtl, 'markerTtl')) }),
  ...(replicas === undefined ? {} : { num_replicas: replicas }),
  ...(storage === undefined ? {} : { storage: storage === 'memory' ? StorageType.Memory : StorageType.File }),
  ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
});

// The server refuses a window longer than the values live.
const duplicateWindow = ({ ttl }: BucketOptions): number =>
  toNanos(ttl === undefined ? DUPLICATE_WINDOW_MS : Math.min(DUPLICATE_WINDOW_MS, toMillis(ttl, 'ttl')));

/** The stream of a bucket, `KV_<bucket>`: a standard key-value bucket (ADR-8) that also takes batches. */
export const bucketStreamDeclaration = ({ name, options }: BucketDefinition): StreamDeclaration => {
  const outbox = options.events?.length ? [outboxSpace(name)] : [];
  const subjects = [valueSpace(name), inboxSpace(name), fenceSpace(name), ...outbox];
  return {
    name: bucketStream(name),
    initial: {
      description: `Values of the bucket '${name}'`,
      subjects,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: 1,
      max_msgs_per_subject: 1,
      // Dropping the oldest to make room would lose values.
      discard: DiscardPolicy.New,
      duplicate_window: duplicateWindow(options),
      subject_delete_marker_ttl: toNanos(markerTtlMs(options)),
      allow_direct: true,
      deny_delete: true,
      metadata: { 'millrace.bucket': name },
    },
    required: {
      ...explicit(options),
      allow_rollup_hdrs: true,
      allow_msg_ttl: true,
      allow_atomic: true,
    },
    merge: (existing) => {
      const missing = subjects.filter((subject) => !existing.subjects.includes(subject));
      return {
        ...(missing.length === 0 ? {} : { subjects: [...existing.subjects, ...missing] }),
        // Without it an expiry leaves no trace for anybody to see.
        ...(existing.subject_delete_marker_ttl
          ? {}
          : { subject_delete_marker_ttl: toNanos(markerTtlMs(options)) }),
      };
    },
  };
};

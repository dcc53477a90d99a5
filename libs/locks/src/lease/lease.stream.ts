import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { StreamDeclaration, toNanos } from '@millrace/core';
import { leaseSpace, leaseStream } from './lease.subjects.js';
import { MARKER_TTL_MS } from './lease.writer.js';

/** How the lease bucket is kept. What is not said leaves an existing one as it is. */
export interface LeaseStreamOptions {
  /** 1, 3 or 5. */
  readonly replicas?: number | undefined;
  readonly storage?: 'file' | 'memory' | undefined;
}

/** Every process that waits for a resource has a consumer for it. The server's default allows a thousand. */
const MAX_CONSUMERS = 100_000;
/** Writes are conditional, so that their ids need not be remembered for long. */
const DUPLICATE_WINDOW_MS = 1000;

/**
 * The stream of leases, `KV_<bucket>`: a key-value bucket (ADR-8) whose reads are the leader's, and whose
 * expiries leave markers (ADR-43), so that a watch sees them.
 */
export const leaseStreamDeclaration = (
  bucket: string,
  { replicas, storage }: LeaseStreamOptions,
): StreamDeclaration => ({
  name: leaseStream(bucket),
  initial: {
    description: 'Leases: who holds which lock, and who waits for it',
    subjects: [leaseSpace(bucket)],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    discard: DiscardPolicy.New,
    duplicate_window: toNanos(DUPLICATE_WINDOW_MS),
    max_consumers: MAX_CONSUMERS,
    deny_delete: true,
    metadata: { 'millrace.locks': bucket },
  },
  required: {
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
    ...(storage === undefined
      ? {}
      : { storage: storage === 'memory' ? StorageType.Memory : StorageType.File }),
    // With more, the record before would come back when one expires.
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    allow_msg_ttl: true,
    allow_direct: false,
    subject_delete_marker_ttl: toNanos(MARKER_TTL_MS),
  },
});

import { randomUUID } from 'node:crypto';
import { headers } from '@nats-io/transport-node';
import { DiscardPolicy, JetStreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { delay } from '../clock/clock.js';
import { encodeKey } from '../subjects/key-token.js';
import { HeaderName } from '../headers/header-names.js';
import { MillraceError, PublishError } from '../errors/millrace.error.js';
import { ErrorCode } from '../errors/error-codes.js';
import { ApiErrorCode, isApiError } from './api-error.js';
import { JetStreamPublisher } from '../publishing/jetstream.publisher.js';

const STREAM = 'MILLRACE_PROVISIONING';
const LEASE_TTL_S = 10;
const WAIT_MS = 15_000;
const POLL_MS = 100;

/**
 * Runs `task` while holding the lease on `name`, so that one replica at a time reads, merges and writes a
 * configuration: JetStream has no compare-and-set on it. The lease expires by itself when its holder dies.
 */
export const underProvisionLease = async <T>(
  { jsm, publisher }: { jsm: JetStreamManager; publisher: JetStreamPublisher },
  name: string,
  task: () => Promise<T>,
): Promise<T> => {
  await ensureLeaseStream(jsm);
  const sequence = await acquire(publisher, `millrace.provisioning.${encodeKey(name)}`);
  try {
    return await task();
  } finally {
    // A lease that cannot be given back ends by itself.
    await jsm.streams.deleteMessage(STREAM, sequence, false).catch(() => undefined);
  }
};

const ensureLeaseStream = async (jsm: JetStreamManager): Promise<void> => {
  try {
    await jsm.streams.add({
      name: STREAM,
      description: 'Leases on stream configurations, held while one replica updates them',
      subjects: ['millrace.provisioning.*'],
      retention: RetentionPolicy.Limits,
      storage: StorageType.Memory,
      discard: DiscardPolicy.Old,
      max_msgs_per_subject: 1,
      allow_msg_ttl: true,
    });
  } catch (error) {
    if (!isApiError(error, ApiErrorCode.StreamNameInUse)) throw error;
  }
};

const acquire = async (publisher: JetStreamPublisher, subject: string): Promise<number> => {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      const leaseHeaders = headers();
      leaseHeaders.set(HeaderName.MessageId, randomUUID());
      leaseHeaders.set(HeaderName.Ttl, `${LEASE_TTL_S}s`);
      leaseHeaders.set(HeaderName.ExpectedLastSubjectSequence, '0');
      const { sequence } = await publisher.publish({
        subject,
        payload: new Uint8Array(),
        headers: leaseHeaders,
      });
      return sequence;
    } catch (error) {
      const held = error instanceof PublishError && error.serverCode === ApiErrorCode.WrongLastSequence;
      if (!held) throw error;
      if (Date.now() > deadline) throw leaseTimeout(subject, error);
      await delay(POLL_MS * (0.5 + Math.random()));
    }
  }
};

const leaseTimeout = (subject: string, cause: unknown): MillraceError =>
  new MillraceError(
    ErrorCode.ProvisionFailed,
    `The lease on '${subject}' was not free within ${WAIT_MS} ms`,
    {
      remedy: 'Another replica keeps updating the same configuration: look at its log',
      cause,
    },
  );

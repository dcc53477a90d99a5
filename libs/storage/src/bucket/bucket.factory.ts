import { EventContract, eventContractOf, MillraceConnection } from '@millrace/core';
import { BatchWriter } from './batch.writer.js';
import { BucketDefinition } from './bucket.definition.js';
import { bucketStream } from './bucket.subjects.js';
import { CommitPlanner } from './commit.planner.js';
import { Committer } from './committer.js';
import { ConditionalPublisher } from './conditional.publisher.js';
import { JetStreamBucket, toEntry } from './jetstream.bucket.js';
import { OutboxEncoder } from './outbox.encoder.js';
import { OutboxPurger } from './outbox.purger.js';
import { ReadFrom, RecordReader } from './record.reader.js';
import { ValueCodec } from './value.codec.js';
import { WriteFate } from './write.fate.js';

const DEFAULT_REQUEST_TIMEOUT_MS = 5000;

export interface BucketSettings {
  readFrom: ReadFrom;
  /** How often to look for outbox entries that can go. */
  purgeEveryMs: number;
}

/** The contracts of the events that a bucket declares. @throws MillraceError `CONTRACT_UNKNOWN` */
export const contractsOf = ({ options }: BucketDefinition): EventContract[] =>
  (options.events ?? []).map((target) => eventContractOf(target));

/** A bucket whose stream exists. */
export const createBucket = <T extends object>(
  connection: MillraceConnection,
  definition: BucketDefinition<T>,
  { readFrom, purgeEveryMs }: BucketSettings,
): JetStreamBucket<T> => {
  const { name: bucket } = definition;
  const stream = bucketStream(bucket);
  const contracts = contractsOf(definition);
  const timeoutMs = connection.js.getOptions().timeout ?? DEFAULT_REQUEST_TIMEOUT_MS;
  const reader = new RecordReader(connection, { stream, readFrom, timeoutMs });
  const values = new ValueCodec(definition, connection.codec);
  const fate = new WriteFate(connection, reader, bucket);
  const single = new ConditionalPublisher(connection, fate);
  const outbox = new OutboxEncoder(definition, contracts, {
    source: connection.name,
    codec: connection.codec,
    clock: connection.clock,
  });
  const committer = new Committer({
    connection,
    bucket,
    reader,
    single,
    planner: new CommitPlanner({ connection, bucket, values, outbox }),
    batches: new BatchWriter(connection, fate),
    toEntry: (key, record) => toEntry(values, key, record),
  });
  const contexts = [...new Set(contracts.map(({ name }) => name.context))];
  const purger = new OutboxPurger(connection, reader, { bucket, stream, contexts, everyMs: purgeEveryMs });
  purger.start();
  return new JetStreamBucket({ connection, definition, stream, reader, values, single, committer, purger });
};

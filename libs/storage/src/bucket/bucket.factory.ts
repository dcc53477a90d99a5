import { assertProtectable, EventContract, eventContractOf, MillraceConnection } from '@millrace/core';
import { BatchWriter } from './batch.writer.js';
import { BucketDefinition, inboxTtlMs, markerTtlMs } from './bucket.definition.js';
import { bucketStream } from './bucket.subjects.js';
import { CommitPlanner } from './commit.planner.js';
import { Committer } from './committer.js';
import { ConditionalPublisher } from './conditional.publisher.js';
import { FencedWriter } from './fenced.writer.js';
import { Fences } from './fences.js';
import { currentExpectations, GroupWriter } from './group.writer.js';
import { JetStreamBucket } from './jetstream.bucket.js';
import { Inbox } from './inbox.js';
import { KeyWriter } from './key.writer.js';
import { Mutator } from './mutator.js';
import { OutboxEncoder } from './outbox.encoder.js';
import { OutboxPurger } from './outbox.purger.js';
import { Entry } from './entry.js';
import { ReadFrom, RecordReader } from './record.reader.js';
import { toEntry } from './stored.entry.js';
import { StoredRecord } from './stored.record.js';
import { ValueCodec } from './value.codec.js';
import { WriteFate } from './write.fate.js';

const DEFAULT_REQUEST_TIMEOUT_MS = 5000;

export interface BucketSettings {
  readFrom: ReadFrom;
  /** How often to look for outbox entries that can go. */
  purgeEveryMs: number;
  /** How many revisions of a key the stream keeps. Default 1. */
  history?: number;
}

/** The contracts of the events that a bucket declares. @throws MillraceError `CONTRACT_UNKNOWN` */
export const contractsOf = ({ options }: BucketDefinition): EventContract[] =>
  (options.events ?? []).map((target) => eventContractOf(target));

/** A bucket whose stream exists. */
export const createBucket = <T extends object>(
  connection: MillraceConnection,
  definition: BucketDefinition<T>,
  { readFrom, purgeEveryMs, history = 1 }: BucketSettings,
): JetStreamBucket<T> => {
  const { name: bucket } = definition;
  const stream = bucketStream(bucket);
  const contracts = contractsOf(definition);
  for (const { target } of [definition, ...contracts]) assertProtectable(connection.codec, target);
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
  const recordToEntry = (key: string, record: StoredRecord): Promise<Entry<T>> =>
    toEntry(values, key, record);
  const batches = new BatchWriter(connection, fate);
  const expectations = currentExpectations(reader);
  const groups = new GroupWriter(batches, expectations, connection.clock);
  const fences = new Fences(reader, bucket);
  const fenced = new FencedWriter(connection, { bucket, fences, groups, single, expectations });
  const writer = new KeyWriter(connection, single, fenced, {
    bucket,
    history,
    markerTtlMs: markerTtlMs(definition.options),
  });
  const mutator = new Mutator({ bucket, reader, values, writer, toEntry: recordToEntry });
  const committer = new Committer({
    connection,
    bucket,
    reader,
    single,
    planner: new CommitPlanner({ connection, bucket, values, outbox }),
    groups,
    inbox: new Inbox({ bucket, ttlMs: inboxTtlMs(definition.options) }),
    fences,
    toEntry: recordToEntry,
  });
  const contexts = [...new Set(contracts.map(({ name }) => name.context))];
  const purger = new OutboxPurger(connection, reader, { bucket, stream, contexts, everyMs: purgeEveryMs });
  purger.start();
  return new JetStreamBucket({
    connection,
    definition,
    stream,
    history,
    reader,
    values,
    writer,
    mutator,
    committer,
    purger,
  });
};

import { configInvalid, MillraceConnection } from '@millrace/core';
import { CachedBucket } from '../changes/cached.bucket.js';
import { Change, ChangeSource, recordOf, toChange } from '../changes/change.js';
import { BucketWatch, likeOf, Watch, WatchOptions } from '../changes/watch.js';
import { BucketDefinition } from './bucket.definition.js';
import { valueSubject } from './bucket.subjects.js';
import {
  CommitAllResult,
  CommitOptions,
  CommitResult,
  commitSeveral,
  commitOne,
  Decide,
  DecideAll,
} from './commit.js';
import { Committer } from './committer.js';
import { Entry } from './entry.js';
import { KeyFilter } from './key.filter.js';
import { KeyListing, ListedKey, listKeys } from './key.lister.js';
import { popKey } from './key.popper.js';
import { readHistory } from './key.history.js';
import { forEachAtOnce, mapped } from './streaming.js';
import { reencryptKeys, ReencryptResult } from './key.reencrypter.js';
import { KeyWriter } from './key.writer.js';
import { MutateOptions, MutateResult, Mutation, Mutator } from './mutator.js';
import { OutboxPurger } from './outbox.purger.js';
import { RecordReader } from './record.reader.js';
import { keyNotFound } from './storage.errors.js';
import { toEntry } from './stored.entry.js';
import { StoredRecord } from './stored.record.js';
import { DeleteOptions, EntriesOptions, TypedBucket, WriteOptions } from './typed.bucket.js';
import { ValueCodec } from './value.codec.js';
import { ValueWrite } from './wire.message.js';

const CLEAR_AT_ONCE = 128;

export interface BucketParts<T extends object> {
  connection: MillraceConnection;
  definition: BucketDefinition<T>;
  stream: string;
  /** How many revisions of a key the stream keeps. */
  history: number;
  reader: RecordReader;
  values: ValueCodec<T>;
  writer: KeyWriter;
  mutator: Mutator<T>;
  committer: Committer<T>;
  purger: OutboxPurger;
}

/** {@link TypedBucket} over one stream. */
export class JetStreamBucket<T extends object> implements TypedBucket<T> {
  constructor(private readonly parts: BucketParts<T>) {}

  get name(): string {
    return this.parts.definition.name;
  }

  async get(key: string): Promise<Entry<T> | undefined> {
    const record = await this.parts.reader.latest(this.subjectOf(key));
    return record && !record.isMarker ? toEntry(this.parts.values, key, record) : undefined;
  }

  async getOrFail(key: string): Promise<Entry<T>> {
    const entry = await this.get(key);
    if (entry) return entry;
    throw keyNotFound(this.name, key);
  }

  async has(key: string): Promise<boolean> {
    const record = await this.parts.reader.latest(this.subjectOf(key));
    return record !== undefined && !record.isMarker;
  }

  async create(key: string, value: T, { ttl, fence }: WriteOptions = {}): Promise<number> {
    const { values, writer } = this.parts;
    const ttlMs = writer.ttlMs(ttl);
    const { payload } = await values.encode(key, value);
    let expected = 0;
    return writer.untilStored(async (leftMs) => {
      const outcome = await writer.write({ key, payload, expected, ttlMs, fence }, leftMs);
      if (outcome.kind === 'stored') return { kind: 'done', result: outcome.sequence };
      // What is there may be the marker of a deletion or an expiry, over which one may create. On a replicated
      // stream it may be a write that is not applied yet, and so is not seen.
      const newest = await this.parts.reader.latestOfLeader(this.subjectOf(key));
      const refusal = { key, expected: 0, newest, cause: outcome.cause };
      if (newest && !newest.isMarker) throw writer.conflict(refusal);
      expected = newest?.revision ?? 0;
      return { kind: 'conflict', ...refusal };
    });
  }

  async put(key: string, value: T, { ttl, fence }: WriteOptions = {}): Promise<number> {
    const ttlMs = this.parts.writer.ttlMs(ttl);
    const { payload } = await this.parts.values.encode(key, value);
    return this.writeOrRefuse({ key, payload, ttlMs, fence });
  }

  async update(key: string, value: T, revision: number, { ttl, fence }: WriteOptions = {}): Promise<number> {
    assertRevision(revision);
    const ttlMs = this.parts.writer.ttlMs(ttl);
    const { payload } = await this.parts.values.encode(key, value);
    return this.writeOrRefuse({ key, payload, expected: revision, ttlMs, fence });
  }

  mutate(key: string, mutation: Mutation<T>, options: MutateOptions<T> = {}): Promise<MutateResult<T>> {
    return this.parts.mutator.mutate(key, mutation, options);
  }

  async delete(key: string, { revision, fence }: DeleteOptions = {}): Promise<number> {
    if (revision !== undefined) assertRevision(revision);
    return this.writeOrRefuse({ key, payload: null, expected: revision, fence });
  }

  async purge(key: string, { revision, fence }: DeleteOptions = {}): Promise<number> {
    if (revision !== undefined) assertRevision(revision);
    return this.writeOrRefuse({
      key,
      payload: 'purge',
      expected: revision,
      ttlMs: this.parts.writer.markerTtlMs,
      fence,
    });
  }

  pop(key: string): Promise<Entry<T> | undefined> {
    return popKey(this.parts, key);
  }

  clear(): Promise<number> {
    return forEachAtOnce(this.keys(), CLEAR_AT_ONCE, (key) => this.purge(key));
  }

  reencrypt(): Promise<ReencryptResult> {
    return reencryptKeys(this.parts, this.keys());
  }

  history(key: string): Promise<Change<T>[]> {
    return readHistory(this.parts.reader, this.subjectOf(key), (message) =>
      toChange(key, message, this.toEntry),
    );
  }

  async count(filter?: KeyFilter): Promise<number> {
    let count = 0;
    for await (const _ of this.list({ filter, values: false })) count++;
    return count;
  }

  keys(filter?: KeyFilter): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => mapped(this.list({ filter, values: false }), ({ key }) => key) };
  }

  entries(filter?: KeyFilter, { after, since }: EntriesOptions = {}): AsyncIterable<Entry<T>> {
    if (after !== undefined) assertRevision(after);
    const read = ({ key, message }: ListedKey): Promise<Entry<T>> =>
      this.toEntry(key, recordOf(likeOf(message)));
    return { [Symbol.asyncIterator]: () => mapped(this.list({ filter, values: true, after, since }), read) };
  }

  watch(filter?: KeyFilter, options: WatchOptions = {}): Watch<T> {
    return new BucketWatch(this.source, filter, options);
  }

  /** Where changes of this bucket come from, and how they are read. */
  get source(): ChangeSource<T> {
    const { connection, stream } = this.parts;
    return { connection, bucket: this.name, stream, toEntry: this.toEntry };
  }

  /** A replica in memory, which the caller starts and closes. */
  cached(): CachedBucket<T> {
    return new CachedBucket(this.source, this.parts.reader.timeoutMs);
  }

  commit(key: string, decide: Decide<T>, options: CommitOptions = {}): Promise<CommitResult<T>> {
    return this.touching(commitOne(this.parts.committer, key, { decide, ...options }));
  }

  commitAll(
    keys: Iterable<string>,
    decide: DecideAll<T>,
    options: CommitOptions = {},
  ): Promise<CommitAllResult<T>> {
    return this.touching(commitSeveral(this.parts.committer, keys, { decide, ...options }));
  }

  /** Ends what runs in the background. */
  close(): Promise<void> {
    return this.parts.purger.stop();
  }

  private readonly toEntry = (key: string, record: StoredRecord): Promise<Entry<T>> =>
    toEntry(this.parts.values, key, record);

  private list(wanted: Pick<KeyListing, 'filter' | 'values' | 'after' | 'since'>): AsyncGenerator<ListedKey> {
    const { connection, stream, reader, history } = this.parts;
    const { timeoutMs } = reader;
    const newestOnly = history === 1;
    return listKeys(connection, { bucket: this.name, stream, timeoutMs, newestOnly, ...wanted });
  }

  private async touching<R>(commit: Promise<R>): Promise<R> {
    try {
      return await commit;
    } finally {
      // One that failed may have been stored all the same.
      this.parts.purger.touch();
    }
  }

  private subjectOf(key: string): string {
    return valueSubject(this.name, key);
  }

  private async writeOrRefuse(write: ValueWrite): Promise<number> {
    const { reader, writer } = this.parts;
    const { key, expected = 0 } = write;
    return writer.untilStored(async (leftMs) => {
      const outcome = await writer.write(write, leftMs);
      if (outcome.kind === 'stored') return { kind: 'done', result: outcome.sequence };
      const newest = await reader.latestOfLeader(this.subjectOf(key));
      const refusal = { key, expected, newest, cause: outcome.cause };
      // On a replicated stream what came first may not be applied yet. To tell of it now would be too early:
      // whoever looks next would still find the revision that was refused.
      if ((newest?.revision ?? 0) === expected) return { kind: 'conflict', ...refusal };
      throw writer.conflict(refusal);
    });
  }
}

const assertRevision = (revision: number): void => {
  if (Number.isSafeInteger(revision) && revision > 0) return;
  throw configInvalid(`${revision} is not a revision`, 'Pass the revision of an entry, or use create()');
};

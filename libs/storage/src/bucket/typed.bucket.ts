import { Duration } from '@millrace/core';
import { Change } from '../changes/change.js';
import { Watch, WatchOptions } from '../changes/watch.js';
import { Entry } from './entry.js';
import { CommitAllResult, CommitOptions, CommitResult, Decide, DecideAll } from './commit.js';
import { Fence } from './fence.js';
import { KeyFilter } from './key.filter.js';
import { ReencryptResult } from './key.reencrypter.js';
import { MutateOptions, MutateResult, Mutation } from './mutator.js';

export interface WriteOptions {
  /**
   * The value expires this long after this write: whole seconds, at least one. Writing again without it makes
   * the value stay. Only in a bucket with `history` 1.
   */
  readonly ttl?: Duration | undefined;
  /** Refuse the write (`FENCED_OUT`) where the key has seen a newer token of this name. Pass the lock. */
  readonly fence?: Fence | undefined;
}

export interface DeleteOptions {
  /** Delete only what has this revision. */
  readonly revision?: number | undefined;
  /** As in {@link WriteOptions}. */
  readonly fence?: Fence | undefined;
}

export interface EntriesOptions {
  /** The revision of an entry, from which and of those before which nothing is wanted. */
  readonly after?: number | undefined;
  /** The time of writing, by the server's clock, before which nothing is wanted. */
  readonly since?: Date | undefined;
}

/**
 * Values of one class by key, durable and validated, in a JetStream key-value bucket.
 *
 * Any string is a legal key. Values go through the class on their way in (`VALUE_INVALID`) and on their way
 * out (`VALUE_UNREADABLE`). Reads answer what was written last, and fail with `STORAGE_UNAVAILABLE` after the
 * connection's `requestTimeout`. Writes resolve when the server has stored them, wait and retry while it is
 * away, and fail with a `PublishError` after the connection's `publish.deadline`, whose `mayBeStored` tells
 * whether the write may have happened all the same.
 */
export interface TypedBucket<T extends object> {
  readonly name: string;

  /** The key's entry; `undefined` where it has none. @throws `VALUE_UNREADABLE`, `STORAGE_UNAVAILABLE` */
  get(key: string): Promise<Entry<T> | undefined>;

  /** As {@link get}. @throws `KEY_NOT_FOUND` where it has none. */
  getOrFail(key: string): Promise<Entry<T>>;

  /** Whether the key has a value, readable or not. @throws `STORAGE_UNAVAILABLE` */
  has(key: string): Promise<boolean>;

  /**
   * Writes a key that has no value; of many at once exactly one succeeds. Resolves with the revision.
   * @throws RevisionConflictError `REVISION_CONFLICT` (`expected: 0`) where it has one.
   */
  create(key: string, value: T, options?: WriteOptions): Promise<number>;

  /** Writes a key whatever it has. Resolves with the revision. */
  put(key: string, value: T, options?: WriteOptions): Promise<number>;

  /**
   * Writes a key that has exactly this revision. Resolves with the new one.
   * @throws RevisionConflictError `REVISION_CONFLICT`, which tells the revision found.
   */
  update(key: string, value: T, revision: number, options?: WriteOptions): Promise<number>;

  /**
   * Reads a key, computes its new value and writes it if nobody else wrote meanwhile; otherwise again, at most
   * 32 times within the publish deadline. Mutations of one process on one key take turns.
   * @throws `KEY_NOT_FOUND` where the key has no value and there is no `create`; RevisionConflictError when
   * others kept coming first; what `mutation` throws, with nothing written.
   */
  mutate(key: string, mutation: Mutation<T>, options?: MutateOptions<T>): Promise<MutateResult<T>>;

  /**
   * Removes a key's value; deleting what is not there is not an error. Resolves with the deletion's revision.
   * @throws RevisionConflictError `REVISION_CONFLICT` where a revision is given that the key does not have.
   */
  delete(key: string, options?: DeleteOptions): Promise<number>;

  /**
   * Removes a key's value and all its older revisions; purging what is not there is not an error. Resolves with
   * the purge's revision.
   * @throws RevisionConflictError `REVISION_CONFLICT` where a revision is given that the key does not have.
   */
  purge(key: string, options?: DeleteOptions): Promise<number>;

  /**
   * Reads and removes a key at once: of many concurrent callers exactly one gets the value, the others get
   * `undefined`. Its older revisions go with it. An unreadable value stays (`VALUE_UNREADABLE`).
   */
  pop(key: string): Promise<Entry<T> | undefined>;

  /**
   * Purges every key that has a value when it begins, one by one, so that watches and change handlers see each.
   * Resolves with how many there were.
   */
  clear(): Promise<number>;

  /**
   * Encrypts every value anew that is not encrypted with the current key, one by one and only if nobody else
   * writes it meanwhile; also what was stored before its property was protected. Values that cannot be read
   * (`KEY_UNKNOWN`, `VALUE_UNREADABLE`) are left as they are, and counted.
   */
  reencrypt(): Promise<ReencryptResult>;

  /** What the bucket still knows of a key, oldest first: up to `history` changes, removals among them. */
  history(key: string): Promise<Change<T>[]>;

  /** How many keys have a value. It goes through all keys: without their values, but it takes its time. */
  count(filter?: KeyFilter): Promise<number>;

  /**
   * The keys that have a value, in the order they were last written, in constant memory. A key that is
   * written meanwhile may come twice. Keys that only a foreign client can spell are left out. A filter with
   * wildcards, or a function, is applied here: the server sends all keys.
   * @throws `STORAGE_UNAVAILABLE`, also in the middle, when the server is lost.
   */
  keys(filter?: KeyFilter): AsyncIterable<string>;

  /**
   * As {@link keys}, with their values, of all keys, of those written after a revision (to go on where another
   * listing ended), or since a time. In a bucket with `history` 1 the server begins there; in others it sends all.
   * @throws `VALUE_UNREADABLE`, at the first such value; `CONFIG_INVALID`.
   */
  entries(filter?: KeyFilter, options?: EntriesOptions): AsyncIterable<Entry<T>>;

  /** Changes of the bucket from now on, from a revision, or after the newest of every key. */
  watch(filter?: KeyFilter, options?: WatchOptions): Watch<T>;

  /**
   * Writes a key's new state and the events about it as one: both are stored, or neither. `decide` gets what
   * the key has and says what it shall have (`null` deletes, `undefined` leaves it) and which events tell of
   * it; when another writer comes first, it runs again on what that one wrote. What it throws ends the commit
   * with nothing written. It must only compute: not write, and not commit to the same key.
   *
   * Inside a handler the mark "this group has handled this message" is written with it, so a redelivered
   * message changes nothing: `decide` does not run, and the result says `duplicate`.
   * @throws `VALUE_INVALID`, `EVENT_INVALID`, `CONTRACT_UNKNOWN` (an event that `@Bucket` does not declare)
   * with nothing written; `REVISION_CONFLICT` when others kept coming first; PublishError, whose
   * `mayBeStored` tells whether all of it, never a part, may have been written.
   */
  commit(key: string, decide: Decide<T>, options?: CommitOptions): Promise<CommitResult<T>>;

  /**
   * As {@link commit}, of several keys of this bucket: all of it is stored, or nothing. It is decided anew when
   * any of the keys was written meanwhile, also one that it leaves as it is.
   * @throws as {@link commit}; `CONFIG_INVALID` for a decision about a key that was not named.
   */
  commitAll(
    keys: Iterable<string>,
    decide: DecideAll<T>,
    options?: CommitOptions,
  ): Promise<CommitAllResult<T>>;
}

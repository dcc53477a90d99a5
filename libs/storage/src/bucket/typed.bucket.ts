import { Duration } from '@millrace/core';
import { Entry } from './entry.js';
import { Decide } from './committer.js';
import { CommitResult } from './commit.planner.js';
import { MutateOptions, MutateResult, Mutation } from './mutator.js';

export interface WriteOptions {
  /**
   * The value expires this long after this write: whole seconds, at least one. Writing again without it makes
   * the value stay. Only in a bucket with `history` 1.
   */
  readonly ttl?: Duration | undefined;
}

export interface DeleteOptions {
  /** Delete only what has this revision. */
  readonly revision?: number | undefined;
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
   * The keys that have a value, in the order they were last written, in constant memory. A key that is
   * written meanwhile may come twice. Keys that only a foreign client can spell are left out.
   * @throws `STORAGE_UNAVAILABLE`, also in the middle, when the server is lost.
   */
  keys(): AsyncIterable<string>;

  /**
   * Writes a key's new state and the events about it as one: both are stored, or neither. `decide` gets what
   * the key has and says what it shall have (`null` deletes, `undefined` leaves it) and which events tell of
   * it; when another writer comes first, it runs again on what that one wrote. What it throws ends the commit
   * with nothing written. It must only compute: not write, and not commit to the same key.
   * @throws `VALUE_INVALID`, `EVENT_INVALID`, `CONTRACT_UNKNOWN` (an event that `@Bucket` does not declare)
   * with nothing written; `REVISION_CONFLICT` when others kept coming first; PublishError, whose
   * `mayBeStored` tells whether all of it, never a part, may have been written.
   */
  commit(key: string, decide: Decide<T>): Promise<CommitResult<T>>;
}

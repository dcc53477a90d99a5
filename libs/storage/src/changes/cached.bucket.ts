import { Duration, ErrorCode, errorMessage, isHashedToken, MillraceError, toMillis } from '@millrace/core';
import { keyTokenOf, valueFilter } from '../bucket/bucket.subjects.js';
import { Entry } from '../bucket/entry.js';
import { storageUnavailable } from '../bucket/storage.errors.js';
import { Change, ChangeSource, keyOfMessage, toChange } from './change.js';
import { deepFreeze } from './deep-freeze.js';
import { RevisionWaiters } from './revision.waiters.js';
import { StreamFeed } from './stream.feed.js';
import { likeOf } from './watch.js';

export interface WaitForOptions {
  /** Default: the connection's `requestTimeout`. */
  readonly timeout?: Duration | undefined;
}

interface Held<T extends object> {
  /** `undefined` where what is stored cannot be read. */
  readonly entry: Entry<T> | undefined;
  readonly error: MillraceError | undefined;
  /** In which round it came. */
  readonly round: number;
}

/**
 * A replica of a bucket in this process's memory. Reads are answered at once, from what has arrived; what is
 * written, here or elsewhere, arrives a moment later ({@link waitFor}). Values are frozen: copy before changing.
 */
export class CachedBucket<T extends object> {
  private readonly held = new Map<string, Held<T>>();
  /** The keys of hashed tokens: the server's mark of an expiry has only the token. */
  private readonly hashed = new Map<string, string>();
  private readonly controller = new AbortController();
  private readonly feed: StreamFeed;
  private readonly waiters: RevisionWaiters;
  /** Counts how often everything came again. What is of an older round when all has come is not there any more. */
  private round = 0;
  private checkedRound = 0;
  private loaded = false;
  private loading: Promise<void> | undefined;

  constructor(
    private readonly parts: ChangeSource<T>,
    private readonly timeoutMs: number,
  ) {
    const { connection, stream, bucket } = parts;
    this.waiters = new RevisionWaiters(connection.clock);
    this.feed = new StreamFeed(connection, {
      stream,
      subject: valueFilter(bucket),
      start: 'all',
      resync: true,
      signal: this.controller.signal,
    });
  }

  get name(): string {
    return this.parts.bucket;
  }

  /** How many keys have a value. */
  get size(): number {
    return this.held.size;
  }

  /** The newest revision of the bucket that has arrived here. */
  get revision(): number {
    return this.waiters.reached;
  }

  /**
   * Whether everything that the server told of has arrived: false while the connection is away, and after it
   * until all is caught up. A server that falls silent is noticed within some six seconds.
   */
  get isCurrent(): boolean {
    return this.loaded && this.feed.isCurrent;
  }

  /** Fills the replica; resolves when it is complete. It stays fresh until {@link close}. */
  start(): Promise<void> {
    return (this.loading ??= new Promise((resolve, reject) => {
      void this.follow(resolve).then(() => reject(this.closed()), reject);
    }));
  }

  /** @throws `VALUE_UNREADABLE` as the bucket does; `STORAGE_UNAVAILABLE` before it was loaded. */
  get(key: string): Entry<T> | undefined {
    const held = this.held.get(key);
    if (held?.entry) return held.entry;
    if (held?.error) throw held.error;
    if (!this.loaded) throw this.notLoaded();
    return undefined;
  }

  /** Whether the key has a value, readable or not. @throws `STORAGE_UNAVAILABLE` before it was loaded. */
  has(key: string): boolean {
    if (!this.loaded) throw this.notLoaded();
    return this.held.has(key);
  }

  /** The keys that have a value. @throws `STORAGE_UNAVAILABLE` before it was loaded. */
  keys(): IterableIterator<string> {
    if (!this.loaded) throw this.notLoaded();
    return this.held.keys();
  }

  /**
   * Resolves when the write of this revision has arrived here: give it what `put` and its like resolved with, to
   * read one's own writes. @throws `STORAGE_UNAVAILABLE` when it did not arrive in time.
   */
  async waitFor(revision: number, { timeout }: WaitForOptions = {}): Promise<void> {
    const timeoutMs = timeout === undefined ? this.timeoutMs : toMillis(timeout, 'timeout');
    if (this.controller.signal.aborted) throw this.closed();
    if (await this.waiters.wait(revision, timeoutMs)) return;
    if (this.controller.signal.aborted) throw this.closed();
    throw storageUnavailable(`Revision ${revision} of cached bucket '${this.name}'`, timeoutMs, undefined);
  }

  close(): void {
    this.controller.abort();
    this.waiters.giveUp();
  }

  private async follow(onLoaded: () => void): Promise<void> {
    const { bucket, connection, toEntry } = this.parts;
    try {
      for await (const event of this.feed.events()) {
        if (event.kind === 'restart') this.round++;
        if (event.kind === 'message') {
          const like = likeOf(event.message);
          const key = keyOfMessage(bucket, like) ?? this.hashed.get(like.subject);
          if (key !== undefined) this.apply(like.subject, await toChange(key, like, toEntry));
        }
        if (event.kind === 'caught-up') {
          this.dropOlderRounds();
          this.loaded = true;
          onLoaded();
        }
        this.waiters.reach(this.feed.position);
      }
    } catch (error) {
      connection.log.error(`The cache of bucket '${bucket}' ended: ${errorMessage(error)}`);
      throw error;
    } finally {
      this.close();
    }
  }

  private apply(subject: string, change: Change<T>): void {
    const { kind, key, revision, at } = change;
    if (kind !== 'put') {
      this.held.delete(key);
      this.hashed.delete(subject);
      return;
    }
    const { value, error } = change;
    const entry = value && Object.freeze({ key, value: deepFreeze(value), revision, updatedAt: at });
    this.held.set(key, { entry, error, round: this.round });
    if (isHashedToken(keyTokenOf(this.name, subject))) this.hashed.set(subject, key);
  }

  private dropOlderRounds(): void {
    if (this.checkedRound === this.round) return;
    this.checkedRound = this.round;
    for (const [key, { round }] of this.held) {
      if (round < this.round) this.held.delete(key);
    }
  }

  private notLoaded(): MillraceError {
    return new MillraceError(
      ErrorCode.StorageUnavailable,
      `The cache of bucket '${this.name}' is not loaded`,
      {
        remedy: 'Inject it with @InjectCachedBucket(), or await start(), before reading',
        details: { bucket: this.name },
      },
    );
  }

  private closed(): MillraceError {
    return new MillraceError(ErrorCode.StorageUnavailable, `The cache of bucket '${this.name}' is closed`, {
      remedy: 'Read it before the application shuts down',
      details: { bucket: this.name },
    });
  }
}

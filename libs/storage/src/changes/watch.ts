import { JsMsg } from '@nats-io/jetstream';
import { valueFilter, valueSubject } from '../bucket/bucket.subjects.js';
import { resolveFilter, KeyFilter } from '../bucket/key.filter.js';
import { Change, ChangeSource, ChangeMessageLike, keyOfMessage, toChange } from './change.js';
import { FeedStart, StreamFeed } from './stream.feed.js';

export interface WatchOptions {
  /**
   * `new`: what changes from the call on. `all`: the newest change of every key first. A revision: that one and
   * what came after, as far as the bucket still keeps it. Default `new`.
   */
  readonly from?: FeedStart | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Changes of a bucket, in order. Iterate it once; `break`, {@link stop} or the signal ends it. It goes on
 * through reconnects and restarts of the server, and ends by itself when the connection is closed.
 */
export interface Watch<T extends object> extends AsyncIterable<Change<T>> {
  /** Resolves when it is settled where the watch begins: nothing that changes after it is missed. */
  readonly ready: Promise<void>;
  stop(): void;
}

/** A message of a consumer as a change is read from it. */
export const likeOf = (message: JsMsg): ChangeMessageLike => ({
  subject: message.subject,
  headers: message.headers,
  data: message.data,
  revision: message.seq,
  at: message.time,
});

/** {@link Watch} over one bucket. Begins when it is made. */
export class BucketWatch<T extends object> implements Watch<T> {
  readonly ready: Promise<void>;
  private readonly controller = new AbortController();
  private readonly feed: StreamFeed;
  private readonly exact: string | undefined;
  private readonly matches: (key: string) => boolean;

  constructor(
    private readonly parts: ChangeSource<T>,
    filter: KeyFilter | undefined,
    { from = 'new', signal }: WatchOptions,
  ) {
    const { connection, bucket, stream } = parts;
    const { exact, matches } = resolveFilter(filter);
    this.exact = exact;
    this.matches = matches;
    this.feed = new StreamFeed(connection, {
      stream,
      subject: exact === undefined ? valueFilter(bucket) : valueSubject(bucket, exact),
      start: from,
      resync: false,
      signal: signal ? AbortSignal.any([signal, this.controller.signal]) : this.controller.signal,
    });
    this.ready = this.feed.begin();
    // Whoever iterates meets the failure too.
    this.ready.catch(() => undefined);
  }

  stop(): void {
    this.controller.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change<T>> {
    try {
      await this.ready;
      for await (const event of this.feed.events()) {
        if (event.kind !== 'message') continue;
        const like = likeOf(event.message);
        // A marker of the server does not tell the key of a hashed token, but we know what we asked for.
        const key = this.exact ?? keyOfMessage(this.parts.bucket, like);
        if (key === undefined || !this.matches(key)) continue;
        yield await toChange(key, like, this.parts.toEntry);
      }
    } finally {
      this.stop();
    }
  }
}

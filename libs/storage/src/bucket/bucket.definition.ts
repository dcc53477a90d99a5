import { ClassOf, configInvalid, Duration, toMillis } from '@millrace/core';

/** How a bucket keeps its values. What is not said is left as it is on the server. */
export interface BucketOptions {
  /** How many revisions of a key the server keeps, 1 to 64. Default 1. */
  history?: number;
  /** Values not written again for this long are dropped. Default: kept. Not together with `events`. */
  ttl?: Duration;
  /**
   * For how long an expiry, a purge or a `pop` stays visible to who was away: watches, caches, groups of change
   * handlers. At least 1 s. Default a day.
   */
  markerTtl?: Duration;
  /** 1, 3 or 5. Default 1. */
  replicas?: number;
  /** Default `file`. */
  storage?: 'file' | 'memory';
  /** When full, writing fails; nothing is dropped. Default: no bound. */
  maxBytes?: number;
  /** For how long a redelivered or replayed message is recognised by its commits. At least 1 s. Default 7 days. */
  inboxTtl?: Duration;
  /** The event classes that `commit` may emit. Their contexts' streams take them from this bucket. */
  events?: readonly ClassOf<object>[];
}

/** A class of values and the bucket that keeps them: what `@Bucket` recorded. */
export interface BucketDefinition<T extends object = object> {
  readonly name: string;
  readonly target: ClassOf<T>;
  readonly options: BucketOptions;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const MAX_HISTORY = 64;
/** The server takes no shorter `max_age`. */
const MIN_TTL_MS = 100;
const MIN_MARKER_TTL_MS = 1000;
const DEFAULT_MARKER_TTL: Duration = '1d';

/** For how long markers of a bucket are kept. */
export const markerTtlMs = ({ markerTtl }: BucketOptions): number =>
  toMillis(markerTtl ?? DEFAULT_MARKER_TTL, 'markerTtl');

const MIN_INBOX_TTL_MS = 1000;
const DEFAULT_INBOX_TTL: Duration = '7d';

/** For how long the marks of commits are kept. */
export const inboxTtlMs = ({ inboxTtl }: BucketOptions): number =>
  toMillis(inboxTtl ?? DEFAULT_INBOX_TTL, 'inboxTtl');

/** @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for a declaration that cannot work. */
export const defineBucket = <T extends object>(
  name: string,
  target: ClassOf<T>,
  options: BucketOptions = {},
): BucketDefinition<T> => {
  const label = `@Bucket('${name}')`;
  if (!NAME.test(name)) {
    throw configInvalid(
      `${label}: this is not a bucket name`,
      "Use up to 128 letters, digits, '-' and '_': it becomes a part of subjects",
    );
  }
  const { history, ttl, markerTtl, events } = options;
  if (history !== undefined && !(Number.isSafeInteger(history) && history >= 1 && history <= MAX_HISTORY)) {
    throw configInvalid(`${label}: history ${history} is not possible`, `Use 1 to ${MAX_HISTORY}`);
  }
  if (ttl !== undefined && toMillis(ttl, `${label} ttl`) < MIN_TTL_MS) {
    throw configInvalid(`${label}: a ttl below ${MIN_TTL_MS} ms is not possible`, 'Raise it');
  }
  if (markerTtl !== undefined && toMillis(markerTtl, `${label} markerTtl`) < MIN_MARKER_TTL_MS) {
    throw configInvalid(`${label}: a markerTtl below ${MIN_MARKER_TTL_MS} ms is not possible`, 'Raise it');
  }
  if (inboxTtlMs(options) < MIN_INBOX_TTL_MS) {
    throw configInvalid(`${label}: an inboxTtl below ${MIN_INBOX_TTL_MS} ms is not possible`, 'Raise it');
  }
  if (ttl !== undefined && events !== undefined && events.length > 0) {
    throw configInvalid(
      `${label}: ttl and events do not go together`,
      'The ttl would drop events that are not relayed yet: leave one of the two out, or use two buckets',
    );
  }
  return { name, target, options };
};

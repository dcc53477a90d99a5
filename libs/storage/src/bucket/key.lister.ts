import { AckPolicy, Consumer, ConsumerConfig, DeliverPolicy, JsMsg } from '@nats-io/jetstream';
import { MillraceConnection, toNanos } from '@millrace/core';
import { keyTokenOf, valueFilter, valueSubject } from './bucket.subjects.js';
import { resolveFilter, KeyFilter } from './key.filter.js';
import { storageUnavailable } from './storage.errors.js';
import { isMarker, keyOfToken } from './stored.record.js';

/** Bound what a listing holds in memory. */
const PAGE = 500;
const PAGE_BYTES = 4 * 1024 * 1024;
/** How many values of unknown size may come at once. */
const FIRST_VALUES = 16;
/** The server drops the consumer of a listing that was given up. */
const INACTIVE_MS = 30_000;
/** The server takes no shorter `expires`. */
const MIN_EXPIRES_MS = 1000;

export interface KeyListing {
  bucket: string;
  stream: string;
  timeoutMs: number;
  filter: KeyFilter | undefined;
  /** Whether values come too, or only the keys that have one. */
  values: boolean;
  /** Leave out what has this revision or an older one. */
  after?: number | undefined;
  /** Leave out what was written before, by the server's clock. */
  since?: Date | undefined;
  /** Whether the stream keeps but the newest revision of a key, so that the server can begin in the middle. */
  newestOnly?: boolean;
}

export interface ListedKey {
  readonly key: string;
  readonly message: JsMsg;
}

/**
 * The keys that have a value, a page at a time. A key that is written while it runs may come twice.
 * @throws MillraceError `STORAGE_UNAVAILABLE` when the server is lost before the last page.
 */
export async function* listKeys(
  connection: MillraceConnection,
  listing: KeyListing,
): AsyncGenerator<ListedKey> {
  const { bucket, stream } = listing;
  const { exact, matches } = resolveFilter(listing.filter);
  const subject = exact === undefined ? valueFilter(bucket) : valueSubject(bucket, exact);
  const cursor = await openCursor(connection, listing, subject);
  try {
    while (cursor.pending > 0) {
      for (const message of await nextPage(cursor, listing)) {
        if (isMarker(message.headers) || isTooOld(message, listing)) continue;
        const key = keyOfToken(keyTokenOf(bucket, message.subject), message.headers);
        if (key !== undefined && matches(key)) yield { key, message };
      }
    }
  } finally {
    await connection.jsm.consumers.delete(stream, cursor.name).catch(() => undefined);
  }
}

interface Cursor {
  readonly consumer: Consumer;
  readonly name: string;
  pending: number;
  delivered: number;
  /** How many messages to ask for next. */
  pageSize: number;
}

const unavailable = ({ bucket, timeoutMs }: KeyListing, cause: unknown): Error =>
  storageUnavailable(`Listing bucket '${bucket}'`, timeoutMs, cause);

const openCursor = async (
  { js, jsm }: MillraceConnection,
  listing: KeyListing,
  subject: string,
): Promise<Cursor> => {
  const { stream, values } = listing;
  try {
    const { name, num_pending: pending } = await jsm.consumers.add(stream, {
      filter_subject: subject,
      ...beginningOf(listing),
      ack_policy: AckPolicy.None,
      headers_only: !values,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: toNanos(INACTIVE_MS),
    });
    const pageSize = values ? FIRST_VALUES : PAGE;
    return { name, pending, delivered: 0, pageSize, consumer: await js.consumers.get(stream, name) };
  } catch (cause) {
    throw unavailable(listing, cause);
  }
};

const beginningOf = ({ after, since, newestOnly }: KeyListing): Partial<ConsumerConfig> => {
  if (!newestOnly) return { deliver_policy: DeliverPolicy.LastPerSubject };
  if (after !== undefined) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 };
  if (since) return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since.toISOString() };
  return { deliver_policy: DeliverPolicy.LastPerSubject };
};

const isTooOld = ({ seq, time }: JsMsg, { after = 0, since }: KeyListing): boolean =>
  seq <= after || (since !== undefined && time < since);

const nextPage = async (cursor: Cursor, listing: KeyListing): Promise<JsMsg[]> => {
  const page: JsMsg[] = [];
  try {
    const messages = await cursor.consumer.fetch({
      max_messages: Math.min(cursor.pending, cursor.pageSize),
      expires: Math.max(listing.timeoutMs, MIN_EXPIRES_MS),
    });
    for await (const message of messages) page.push(message);
    // What was pending can have been purged meanwhile.
    cursor.pending = page.at(-1)?.info.pending ?? (await cursor.consumer.info()).num_pending;
  } catch (cause) {
    throw unavailable(listing, cause);
  }
  cursor.delivered += page.length;
  if (listing.values) cursor.pageSize = pageSizeAfter(page);
  // Nothing is acknowledged, so a message that was lost with its connection would never come again.
  if ((page.at(-1)?.info.deliverySequence ?? cursor.delivered) !== cursor.delivered) {
    throw unavailable(listing, new Error('messages were lost on the way'));
  }
  return page;
};

/** As many as fit into a page if the next values are as large as these. */
const pageSizeAfter = (page: readonly JsMsg[]): number => {
  const bytes = page.reduce((sum, { data }) => sum + data.length, 0);
  const average = Math.max(1, bytes / Math.max(1, page.length));
  return Math.max(1, Math.min(PAGE, Math.floor(PAGE_BYTES / average)));
};

import { AckPolicy, Consumer, DeliverPolicy, JsMsg } from '@nats-io/jetstream';
import { MillraceConnection, toNanos } from '@millrace/core';
import { keyTokenOf, valueFilter } from './bucket.subjects.js';
import { storageUnavailable } from './storage.errors.js';
import { isMarker, keyOfToken } from './stored.record.js';

/** Bounds what a listing holds in memory. */
const PAGE = 500;
/** The server drops the consumer of a listing that was given up. */
const INACTIVE_MS = 30_000;
/** The server takes no shorter `expires`. */
const MIN_EXPIRES_MS = 1000;

export interface KeyListing {
  bucket: string;
  stream: string;
  timeoutMs: number;
}

/**
 * The keys that have a value, a page at a time. A key that is written while it runs may come twice.
 * @throws MillraceError `STORAGE_UNAVAILABLE` when the server is lost before the last page.
 */
export async function* listKeys(connection: MillraceConnection, listing: KeyListing): AsyncGenerator<string> {
  const { bucket, stream } = listing;
  const cursor = await openCursor(connection, listing);
  try {
    while (cursor.pending > 0) {
      for (const message of await nextPage(cursor, listing)) {
        const key = isMarker(message.headers)
          ? undefined
          : keyOfToken(keyTokenOf(bucket, message.subject), message.headers);
        if (key !== undefined) yield key;
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
}

const unavailable = ({ bucket, timeoutMs }: KeyListing, cause: unknown): Error =>
  storageUnavailable(`Listing bucket '${bucket}'`, timeoutMs, cause);

const openCursor = async ({ js, jsm }: MillraceConnection, listing: KeyListing): Promise<Cursor> => {
  const { bucket, stream } = listing;
  try {
    const { name, num_pending: pending } = await jsm.consumers.add(stream, {
      filter_subject: valueFilter(bucket),
      deliver_policy: DeliverPolicy.LastPerSubject,
      ack_policy: AckPolicy.None,
      headers_only: true,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: toNanos(INACTIVE_MS),
    });
    return { name, pending, delivered: 0, consumer: await js.consumers.get(stream, name) };
  } catch (cause) {
    throw unavailable(listing, cause);
  }
};

const nextPage = async (cursor: Cursor, listing: KeyListing): Promise<JsMsg[]> => {
  const page: JsMsg[] = [];
  try {
    const messages = await cursor.consumer.fetch({
      max_messages: Math.min(cursor.pending, PAGE),
      expires: Math.max(listing.timeoutMs, MIN_EXPIRES_MS),
    });
    for await (const message of messages) page.push(message);
    // What was pending can have been purged meanwhile.
    cursor.pending = page.at(-1)?.info.pending ?? (await cursor.consumer.info()).num_pending;
  } catch (cause) {
    throw unavailable(listing, cause);
  }
  cursor.delivered += page.length;
  // Nothing is acknowledged, so a message that was lost with its connection would never come again.
  if ((page.at(-1)?.info.deliverySequence ?? cursor.delivered) !== cursor.delivered) {
    throw unavailable(listing, new Error('messages were lost on the way'));
  }
  return page;
};

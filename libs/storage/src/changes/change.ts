import { MillraceConnection, MillraceError } from '@millrace/core';
import { keyTokenOf } from '../bucket/bucket.subjects.js';
import { Entry } from '../bucket/entry.js';
import { isMarker, keyOfToken, StoredRecord } from '../bucket/stored.record.js';
import { WireHeader } from '../bucket/wire.message.js';

/**
 * What happened to a key: it was written, deleted, purged (or popped: its revisions went with it), or its time
 * was up.
 */
export type ChangeKind = 'put' | 'delete' | 'purge' | 'expire';

export const CHANGE_KINDS: readonly ChangeKind[] = ['put', 'delete', 'purge', 'expire'];

interface ChangeBase {
  readonly key: string;
  /** Counts up over the whole bucket. */
  readonly revision: number;
  /** When it happened, by the server's clock. */
  readonly at: Date;
}

export interface PutChange<T extends object> extends ChangeBase {
  readonly kind: 'put';
  /** A validated instance of the bucket's class; `undefined` where what was written cannot be read. */
  readonly value: T | undefined;
  /** `VALUE_UNREADABLE`: why there is no value. */
  readonly error?: MillraceError;
}

export interface RemovalChange extends ChangeBase {
  readonly kind: Exclude<ChangeKind, 'put'>;
  readonly value?: undefined;
  readonly error?: undefined;
}

/** One change of one key of a bucket. */
export type Change<T extends object> = PutChange<T> | RemovalChange;

interface HeaderReader {
  get(name: string): string;
  has(name: string): boolean;
}

/** A message of a bucket's stream, however it came. */
export interface ChangeMessageLike {
  readonly subject: string;
  readonly headers: HeaderReader | undefined;
  readonly data: Uint8Array;
  /** Where the headers do not tell it. */
  readonly kind?: ChangeKind;
  readonly revision: number;
  readonly at: Date;
}

/** What a message of the bucket's stream says happened. */
export const kindOf = (headers: HeaderReader | undefined): ChangeKind => {
  if (!headers || !isMarker(headers)) return 'put';
  const reason = headers.get(WireHeader.MarkerReason);
  if (reason !== '') return reason === 'MaxAge' ? 'expire' : 'purge';
  return headers.get(WireHeader.Operation) === 'DEL' ? 'delete' : 'purge';
};

/** The key that a message is about; `undefined` for one that only a foreign client can spell. */
export const keyOfMessage = (bucket: string, { subject, headers }: ChangeMessageLike): string | undefined =>
  keyOfToken(keyTokenOf(bucket, subject), headers);

export const recordOf = ({ subject, headers, data, revision, at }: ChangeMessageLike): StoredRecord => ({
  subject,
  revision,
  storedAt: at,
  isMarker: isMarker(headers),
  messageId: undefined,
  data,
});

export type ToEntry<T extends object> = (key: string, record: StoredRecord) => Promise<Entry<T>>;

/** A bucket, as what follows its changes sees it. */
export interface ChangeSource<T extends object> {
  readonly connection: MillraceConnection;
  readonly bucket: string;
  readonly stream: string;
  readonly toEntry: ToEntry<T>;
}

/** The change that a message about `key` tells of. */
export const toChange = async <T extends object>(
  key: string,
  message: ChangeMessageLike,
  toEntry: ToEntry<T>,
): Promise<Change<T>> => {
  const { kind = kindOf(message.headers), revision, at } = message;
  if (kind !== 'put') return { kind, key, revision, at };
  try {
    const { value } = await toEntry(key, recordOf(message));
    return { kind, key, value, revision, at };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { kind, key, value: undefined, error, revision, at };
  }
};

import { ErrorCode, MillraceConnection, MillraceError } from '@millrace/core';
import { BucketDefinition } from './bucket.definition.js';
import { valueSubject } from './bucket.subjects.js';
import { Attempt, KeyWriter } from './key.writer.js';
import { RecordReader } from './record.reader.js';
import { forEachAtOnce } from './streaming.js';
import { ValueCodec } from './value.codec.js';

export interface ReencryptResult {
  /** How many values were encrypted anew. */
  readonly reencrypted: number;
  /** How many needed nothing. */
  readonly current: number;
  /** How many were left because they cannot be read: their key is gone, or they were altered. */
  readonly unreadable: number;
  /** The first of those. */
  readonly unreadableKeys: readonly string[];
}

export interface ReencrypterParts<T extends object> {
  connection: MillraceConnection;
  definition: BucketDefinition<T>;
  reader: RecordReader;
  values: ValueCodec<T>;
  writer: KeyWriter;
}

type Fate = 'reencrypted' | 'current' | 'unreadable';

const AT_ONCE = 32;
const SHOWN_KEYS = 100;
const SECOND_MS = 1000;

/** Encrypts the values of these keys with the current key. */
export const reencryptKeys = async <T extends object>(
  parts: ReencrypterParts<T>,
  keys: AsyncIterable<string>,
): Promise<ReencryptResult> => {
  const counts: Record<Fate, number> = { reencrypted: 0, current: 0, unreadable: 0 };
  const unreadableKeys: string[] = [];
  await forEachAtOnce(keys, AT_ONCE, async (key) => {
    const fate = await reencryptKey(parts, key);
    counts[fate]++;
    if (fate === 'unreadable' && unreadableKeys.length < SHOWN_KEYS) unreadableKeys.push(key);
  });
  return { ...counts, unreadableKeys };
};

const reencryptKey = async <T extends object>(parts: ReencrypterParts<T>, key: string): Promise<Fate> => {
  try {
    return await parts.writer.untilStored((leftMs) => attempt(parts, key, leftMs));
  } catch (error) {
    const unreadable =
      MillraceError.is(error, ErrorCode.KeyUnknown) || MillraceError.is(error, ErrorCode.ValueUnreadable);
    if (unreadable) return 'unreadable';
    throw error;
  }
};

const attempt = async <T extends object>(
  { connection, definition, reader, values, writer }: ReencrypterParts<T>,
  key: string,
  leftMs: number,
): Promise<Attempt<Fate>> => {
  const subject = valueSubject(definition.name, key);
  const record = await reader.latestOfLeader(subject, Math.min(leftMs, reader.timeoutMs));
  const payload = record && !record.isMarker ? values.reencrypt(key, record) : undefined;
  if (!record || !payload) return { kind: 'done', result: 'current' };
  // It expires when it would have.
  const age = connection.clock.now() - record.storedAt.getTime();
  const ttlMs = record.ttlMs === undefined ? undefined : Math.max(SECOND_MS, record.ttlMs - age);
  const outcome = await writer.write({ key, payload, expected: record.revision, ttlMs }, leftMs);
  if (outcome.kind === 'stored') return { kind: 'done', result: 'reencrypted' };
  const newest = await reader.latestOfLeader(subject);
  return { kind: 'conflict', key, expected: record.revision, newest, cause: outcome.cause };
};

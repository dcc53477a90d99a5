import { Entry } from './entry.js';
import { StoredRecord } from './stored.record.js';
import { ValueCodec } from './value.codec.js';

/** A stored record as the entry of a key. @throws MillraceError `VALUE_UNREADABLE` */
export const toEntry = async <T extends object>(
  values: ValueCodec<T>,
  key: string,
  record: StoredRecord,
): Promise<Entry<T>> => ({
  key,
  value: await values.decode(key, record),
  revision: record.revision,
  updatedAt: record.storedAt,
});

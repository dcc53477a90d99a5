import { valueSubject } from './bucket.subjects.js';
import { Entry } from './entry.js';
import { KeyWriter } from './key.writer.js';
import { RecordReader } from './record.reader.js';
import { toEntry } from './stored.entry.js';
import { ValueCodec } from './value.codec.js';

export interface PopParts<T extends object> {
  definition: { readonly name: string };
  reader: RecordReader;
  values: ValueCodec<T>;
  writer: KeyWriter;
}

/** Reads a key, and purges exactly what it read: who loses the race finds nothing. */
export const popKey = <T extends object>(
  { definition, reader, values, writer }: PopParts<T>,
  key: string,
): Promise<Entry<T> | undefined> => {
  const subject = valueSubject(definition.name, key);
  return writer.untilStored<Entry<T> | undefined>(async (leftMs) => {
    const record = await reader.latestOfLeader(subject, Math.min(leftMs, reader.timeoutMs));
    if (!record || record.isMarker) return { kind: 'done', result: undefined };
    const entry = await toEntry(values, key, record);
    const expected = record.revision;
    const outcome = await writer.write(
      { key, payload: 'purge', expected, ttlMs: writer.markerTtlMs },
      leftMs,
    );
    if (outcome.kind === 'stored') return { kind: 'done', result: entry };
    return { kind: 'conflict', key, expected, newest: record, cause: outcome.cause };
  });
};

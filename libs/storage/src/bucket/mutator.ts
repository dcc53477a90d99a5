import { Duration } from '@millrace/core';
import { valueSubject } from './bucket.subjects.js';
import { Entry } from './entry.js';
import { KeyedTurns } from './keyed.turns.js';
import { Attempt, KeyWriter } from './key.writer.js';
import { RecordReader } from './record.reader.js';
import { keyNotFound } from './storage.errors.js';
import { StoredRecord } from './stored.record.js';
import { ValueCodec } from './value.codec.js';

/**
 * Computes a key's new value from what it has: a value to be written, `null` to delete the key, `undefined` to
 * leave it. It runs again when another writer came first, so it must do nothing but compute.
 */
export type Mutation<T extends object> = (
  value: T,
  /** What the value was taken from; `undefined` where `create` made it. */
  entry: Entry<T> | undefined,
) => T | null | undefined | Promise<T | null | undefined>;

export interface MutateOptions<T extends object> {
  /** What the mutation begins with where the key has no value. Without it: `KEY_NOT_FOUND`. */
  readonly create?: (() => T) | undefined;
  /** The value expires this long after the write. Whole seconds, at least one. */
  readonly ttl?: Duration | undefined;
}

export interface MutateResult<T extends object> {
  /** What the key has now. */
  readonly value: T | undefined;
  /** Of the write; where nothing was written, of what the key has; 0 where it has nothing. */
  readonly revision: number;
  /** Whether anything was written. */
  readonly changed: boolean;
}

export interface MutatorParts<T extends object> {
  bucket: string;
  reader: RecordReader;
  values: ValueCodec<T>;
  writer: KeyWriter;
  toEntry: (key: string, record: StoredRecord) => Promise<Entry<T>>;
}

interface Mutating<T extends object> {
  key: string;
  mutation: Mutation<T>;
  create: (() => T) | undefined;
  ttlMs: number | undefined;
}

/** Read, compute, write what was computed if nobody else wrote meanwhile; otherwise again. */
export class Mutator<T extends object> {
  // Without turns, one process's mutations of one key would mostly refuse each other.
  private readonly turns = new KeyedTurns();

  constructor(private readonly parts: MutatorParts<T>) {}

  async mutate(
    key: string,
    mutation: Mutation<T>,
    { create, ttl }: MutateOptions<T>,
  ): Promise<MutateResult<T>> {
    const { writer } = this.parts;
    const mutating = { key, mutation, create, ttlMs: writer.ttlMs(ttl) };
    return this.turns.run(key, () => writer.untilStored((leftMs) => this.attempt(mutating, leftMs)));
  }

  private async attempt(
    { key, mutation, create, ttlMs }: Mutating<T>,
    leftMs: number,
  ): Promise<Attempt<MutateResult<T>>> {
    const { bucket, reader, values, writer, toEntry } = this.parts;
    const subject = valueSubject(bucket, key);
    const record = await reader.latest(subject, Math.min(leftMs, reader.timeoutMs));
    const entry = record && !record.isMarker ? await toEntry(key, record) : undefined;
    const value = entry?.value ?? create?.();
    if (value === undefined) throw keyNotFound(bucket, key);
    const next = await mutation(value, entry);
    if (next === undefined || (next === null && !entry)) {
      return done({ value: entry?.value, revision: entry?.revision ?? 0, changed: false });
    }
    const encoded = next === null ? undefined : await values.encode(key, next);
    const expected = record?.revision ?? 0;
    const outcome = await writer.write(
      { key, payload: encoded?.payload ?? null, expected, ttlMs: encoded && ttlMs },
      leftMs,
    );
    if (outcome.kind === 'stored') {
      return done({ value: encoded?.instance, revision: outcome.sequence, changed: true });
    }
    const newest = await reader.latestOfLeader(subject);
    return { kind: 'conflict', key, expected: entry?.revision ?? 0, newest, cause: outcome.cause };
  }
}

const done = <R>(result: R): Attempt<R> => ({ kind: 'done', result });

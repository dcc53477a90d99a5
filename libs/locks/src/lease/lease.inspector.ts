import { MillraceConnection, settlesWithin, toMillis, toServerSeconds } from '@millrace/core';
import { ticketOf } from './admission.js';
import { decodeRecord, endOf, LeaseRecord, LockMode } from './lease.record.js';
import { leaseSpace, leaseStream, parseRecordSubject, ResourceKind } from './lease.subjects.js';
import { StreamWatch, WatchedMessage } from './stream.watch.js';

export interface HolderState {
  readonly holder: string;
  readonly token: number;
  readonly mode: LockMode;
  /** When it was acquired, by the holder's clock. */
  readonly since: Date;
  readonly ttlMs: number;
  /** Until the server ends it unless it is renewed, by the server's clock. */
  readonly remainingMs: number;
}

export interface WaiterState {
  readonly holder: string;
  readonly mode: LockMode;
  readonly since: Date;
}

/** One lock or semaphore that somebody holds or waits for. */
export interface ResourceState {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly holders: readonly HolderState[];
  /** In the order of their turns. */
  readonly waiters: readonly WaiterState[];
}

interface Found {
  record: LeaseRecord;
  sequence: number;
  storedAtMs: number;
}

/** Everything in a lease bucket, as the server has it now. `undefined` where it did not answer in time. */
export const inspectLeases = async (
  connection: MillraceConnection,
  bucket: string,
  timeoutMs: number,
): Promise<ResourceState[] | undefined> => {
  const byKey = new Map<string, Map<string, Found>>();
  let told = (): void => undefined;
  const complete = new Promise<void>((resolve) => (told = resolve));
  const watch = new StreamWatch(connection, {
    stream: leaseStream(bucket),
    filter: leaseSpace(bucket),
    sink: { begin: () => byKey.clear(), message: (message) => gather(byKey, bucket, message), current: told },
  });
  watch.start();
  try {
    if (!(await settlesWithin(complete, timeoutMs))) return undefined;
    return [...byKey.values()].flatMap((found) => toState([...found.values()], watch.serverTimeMs));
  } finally {
    watch.stop();
  }
};

const gather = (
  byKey: Map<string, Map<string, Found>>,
  bucket: string,
  { subject, headers, data, sequence, storedAtMs }: WatchedMessage,
): void => {
  const place = parseRecordSubject(bucket, subject);
  if (!place) return;
  const ofKey = byKey.get(place.key) ?? new Map<string, Found>();
  byKey.set(place.key, ofKey);
  if (endOf(headers) === undefined) ofKey.set(place.id, { record: decodeRecord(data), sequence, storedAtMs });
  else ofKey.delete(place.id);
};

const toState = (found: readonly Found[], nowMs: number): ResourceState[] => {
  const [first] = found;
  if (!first) return [];
  const { kind, name } = first.record;
  const holders = found
    .filter(({ record }) => record.state === 'held')
    .map(({ record, sequence, storedAtMs }) => ({
      holder: record.holder,
      token: record.token ?? sequence,
      mode: record.mode,
      since: new Date(record.since),
      ttlMs: record.ttlMs,
      remainingMs: Math.max(0, storedAtMs + serverTtlMs(record) - nowMs),
    }))
    .sort((a, b) => a.token - b.token);
  const waiters = found
    .filter(({ record }) => record.state === 'waiting')
    .sort((a, b) => ticketOf({ id: '', ...a }) - ticketOf({ id: '', ...b }))
    .map(({ record: { holder, mode, since } }) => ({ holder, mode, since: new Date(since) }));
  return [{ kind, name, holders, waiters }];
};

const serverTtlMs = ({ ttlMs }: LeaseRecord): number => toMillis(toServerSeconds(ttlMs) as `${number}s`);

import { ResourceKind } from './lease.subjects.js';

/** How a resource is held: alone, together with other readers, or as one of a semaphore's permits. */
export type LockMode = 'exclusive' | 'shared' | 'permit';

/** What a contender's record says, as JSON in the bucket. */
export interface LeaseRecord {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly state: 'waiting' | 'held';
  readonly mode: LockMode;
  /** Who: application, host and process. */
  readonly holder: string;
  /** Of a semaphore: how many its declarer allows. */
  readonly permits?: number | undefined;
  /** The sequence of the acquiring write, repeated by renewals. */
  readonly token?: number | undefined;
  /** The place in line: the sequence of the first write, repeated by renewals. */
  readonly ticket?: number | undefined;
  /** When the state began, by the contender's wall clock. Milliseconds. */
  readonly since: number;
  readonly ttlMs: number;
}

/** Headers of JetStream and its key-value layer (ADR-8, ADR-43) that leases use. */
export const LeaseHeader = {
  Operation: 'KV-Operation',
  MarkerReason: 'Nats-Marker-Reason',
  /** The subjects that an expected sequence is about, where not the message's own. */
  ExpectedFilter: 'Nats-Expected-Last-Subject-Sequence-Subject',
} as const;

/** The server writes no marker of its own for an expired `PURGE`, as it would for a `DEL`. */
export const GIVEN_UP = 'PURGE';
const EXPIRED = 'MaxAge';

interface HeaderReader {
  get(name: string): string;
}

/** Why a record ended; `undefined` for a record that stands. */
export const endOf = (headers: HeaderReader | undefined): 'given-up' | 'expired' | undefined => {
  if (headers === undefined) return undefined;
  const reason = headers.get(LeaseHeader.MarkerReason);
  if (reason !== '') return reason === EXPIRED ? 'expired' : 'given-up';
  return headers.get(LeaseHeader.Operation) === '' ? undefined : 'given-up';
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeRecord = (record: LeaseRecord): Uint8Array => encoder.encode(JSON.stringify(record));

/** What is there but cannot be read holds the resource alone: a newer release may have written it. */
const UNREADABLE: LeaseRecord = {
  kind: 'lock',
  name: '',
  state: 'held',
  mode: 'exclusive',
  holder: 'unknown (its record cannot be read)',
  since: 0,
  ttlMs: 0,
};

const MODES: readonly unknown[] = ['exclusive', 'shared', 'permit'] satisfies LockMode[];

export const decodeRecord = (data: Uint8Array): LeaseRecord => {
  try {
    const value: unknown = JSON.parse(decoder.decode(data));
    return isRecord(value) ? value : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
};

const isRecord = (value: unknown): value is LeaseRecord => {
  if (typeof value !== 'object' || value === null) return false;
  const { state, mode, name, holder, since, ttlMs } = value as Partial<Record<keyof LeaseRecord, unknown>>;
  return (
    (state === 'held' || state === 'waiting') &&
    MODES.includes(mode) &&
    typeof name === 'string' &&
    typeof holder === 'string' &&
    typeof since === 'number' &&
    typeof ttlMs === 'number'
  );
};

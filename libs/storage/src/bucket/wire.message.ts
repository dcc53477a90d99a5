import { randomUUID } from 'node:crypto';
import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { encodeAttribute, encodeKey, HeaderName, isHashedToken, toServerSeconds } from '@millrace/core';
import { probeSubject, valueSubject } from './bucket.subjects.js';
import { type Fence } from './fence.js';

/** Headers of JetStream and its key-value layer (ADR-8, ADR-50) that core has no use for. */
export const WireHeader = {
  Operation: 'KV-Operation',
  MarkerReason: 'Nats-Marker-Reason',
  /** `sub`: the message replaces everything under its subject. */
  Rollup: 'Nats-Rollup',
  /** The subject that an expected sequence is about, where it is not the message's own. */
  ExpectedSubject: 'Nats-Expected-Last-Subject-Sequence-Subject',
  BatchId: 'Nats-Batch-Id',
  BatchSequence: 'Nats-Batch-Sequence',
  BatchCommit: 'Nats-Batch-Commit',
  /** `<stream> <sequence> …`: where a relayed message came from. */
  StreamSource: 'Nats-Stream-Source',
} as const;

/** A message that is ready to be published, alone or in a batch. */
export interface WireMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs;
  /** Also in the headers: what tells one write from another. */
  readonly messageId: string;
}

export interface ValueWrite {
  key: string;
  /** `null` writes the marker that deletes the key, `'purge'` the one that drops its older revisions too. */
  payload: Uint8Array | null | 'purge';
  /** The revision that the key must have; 0 for none. `undefined`: whatever it has. */
  expected?: number | undefined;
  /** The server drops the message after this long. */
  ttlMs?: number | undefined;
  /** Refuse the write where the key has seen a newer token of this name. */
  fence?: Fence | undefined;
}

const NOTHING = new Uint8Array();

/** The message that writes or deletes the value of a key. */
export const valueMessage = (bucket: string, { key, payload, expected, ttlMs }: ValueWrite): WireMessage => {
  const messageId = randomUUID();
  const headers = createHeaders();
  headers.set(HeaderName.MessageId, messageId);
  if (expected !== undefined) headers.set(HeaderName.ExpectedLastSubjectSequence, String(expected));
  if (payload === null) headers.set(WireHeader.Operation, 'DEL');
  if (payload === 'purge') {
    headers.set(WireHeader.Operation, 'PURGE');
    headers.set(WireHeader.Rollup, 'sub');
  }
  if (ttlMs !== undefined) headers.set(HeaderName.Ttl, toServerSeconds(ttlMs));
  // A hashed token cannot be turned back into its key: the header tells it.
  if (isHashedToken(encodeKey(key))) headers.set(HeaderName.Subject, encodeAttribute(key));
  const body = payload instanceof Uint8Array ? payload : NOTHING;
  return { subject: valueSubject(bucket, key), payload: body, headers, messageId };
};

/** The guards of a batch are of no use once it is stored. */
const GUARD_TTL_MS = 60_000;

/** Makes a message hold only while `subject` still has this sequence. It can hold one such expectation. */
export const expectOf = (subject: string, sequence: number, { headers }: WireMessage): void => {
  headers.set(HeaderName.ExpectedLastSubjectSequence, String(sequence));
  headers.set(WireHeader.ExpectedSubject, subject);
};

/** A message of no other use than to carry an expectation. */
export const guardMessage = (bucket: string): WireMessage => {
  const messageId = randomUUID();
  const headers = createHeaders();
  headers.set(HeaderName.MessageId, messageId);
  // To other clients of the bucket it is a deletion, not a key.
  headers.set(WireHeader.Operation, 'PURGE');
  headers.set(HeaderName.Ttl, toServerSeconds(GUARD_TTL_MS));
  return { subject: probeSubject(bucket, randomUUID()), payload: NOTHING, headers, messageId };
};

/** What a batch adds to the headers, so that whatever can be put can be committed. */
const BATCH_HEADER_BYTES = 128;
const STATUS_LINE = 'NATS/1.0\r\n\r\n';

/** Bytes as the server counts them against `max_payload`, in a batch. */
export const wireSize = ({ payload, headers }: WireMessage): number => {
  let bytes = payload.length + STATUS_LINE.length + BATCH_HEADER_BYTES;
  for (const [name, values] of headers) {
    for (const value of values) bytes += Buffer.byteLength(`${name}: ${value}\r\n`);
  }
  return bytes;
};

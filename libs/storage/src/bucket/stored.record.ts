import { decodeAttribute, decodeKey, encodeKey, HeaderName, isHashedToken } from '@millrace/core';
import { StoredMessage } from './direct.reader.js';
import { WireHeader } from './wire.message.js';

/** The newest message of a key as the server keeps it. */
export interface StoredRecord {
  readonly subject: string;
  readonly revision: number;
  readonly storedAt: Date;
  /** Says that the key was deleted or has expired: there is no value. */
  readonly isMarker: boolean;
  readonly messageId: string | undefined;
  /** How long it lives from when it was stored; `undefined` for ever, or as the bucket says. */
  readonly ttlMs?: number | undefined;
  readonly data: Uint8Array;
}

interface HeaderReader {
  get(name: string): string;
  has(name: string): boolean;
}

/** Whether the headers are those of a deletion, by whichever client, or of an expiry. */
export const isMarker = (headers: HeaderReader | undefined): boolean => {
  if (headers === undefined) return false;
  const operation = headers.get(WireHeader.Operation);
  return operation === 'DEL' || operation === 'PURGE' || headers.has(WireHeader.MarkerReason);
};

const SECOND_MS = 1000;
const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: 60 * SECOND_MS, h: 3600 * SECOND_MS };

// Ours are whole seconds; other clients write Go durations, as in `1h30m`, or a bare number of seconds.
const parseTtl = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text) * SECOND_MS;
  if (!/^(\d+(\.\d+)?[hms])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([hms])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0);
};

export const toRecord = (message: StoredMessage): StoredRecord => {
  const messageId = message.header.get(HeaderName.MessageId);
  return {
    subject: message.subject,
    revision: message.seq,
    storedAt: message.time,
    isMarker: isMarker(message.header),
    messageId: messageId === '' ? undefined : messageId,
    ttlMs: parseTtl(message.header.get(HeaderName.Ttl)),
    data: message.data,
  };
};

/** The key that `token` stands for; `undefined` for a foreign client's, which no key of ours leads to. */
export const keyOfToken = (token: string, headers: HeaderReader | undefined): string | undefined => {
  const key = isHashedToken(token)
    ? decodeAttribute(headers?.get(HeaderName.Subject) ?? '')
    : decodeKey(token);
  return encodeKey(key) === token ? key : undefined;
};

import { StoredMsg } from '@nats-io/jetstream';
import { decodeAttribute, decodeKey, encodeKey, HeaderName, isHashedToken } from '@millrace/core';
import { WireHeader } from './wire.message.js';

/** The newest message of a key as the server keeps it. */
export interface StoredRecord {
  readonly subject: string;
  readonly revision: number;
  readonly storedAt: Date;
  /** Says that the key was deleted or has expired: there is no value. */
  readonly isMarker: boolean;
  readonly messageId: string | undefined;
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

export const toRecord = (message: StoredMsg): StoredRecord => {
  const messageId = message.header.get(HeaderName.MessageId);
  return {
    subject: message.subject,
    revision: message.seq,
    storedAt: message.time,
    isMarker: isMarker(message.header),
    messageId: messageId === '' ? undefined : messageId,
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

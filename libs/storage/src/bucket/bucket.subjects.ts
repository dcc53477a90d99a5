import { encodeKey, EVENTS_ROOT, EventName } from '@millrace/core';

const OUTBOX_ROOT = 'outbox';

/** The stream behind a bucket: that of a standard JetStream key-value bucket (ADR-8). */
export const bucketStream = (bucket: string): string => `KV_${bucket}`;

/** Where the value of `key` lies. */
export const valueSubject = (bucket: string, key: string): string => `$KV.${bucket}.${encodeKey(key)}`;

/** Every subject of the key-value space, foreign clients' keys of several tokens included. */
export const valueSpace = (bucket: string): string => `$KV.${bucket}.>`;

/** Every key of Millrace: one token each. */
export const valueFilter = (bucket: string): string => `$KV.${bucket}.*`;

/** The token of a key in its subject. */
export const keyTokenOf = (bucket: string, subject: string): string => subject.slice(`$KV.${bucket}.`.length);

/** Outside {@link valueFilter}, so that no listing of keys sees it. */
export const probeSubject = (bucket: string, id: string): string => `$KV.${bucket}._probe.${id}`;

/** Events that were committed and wait for the server to relay them. */
export const outboxSpace = (bucket: string): string => `${OUTBOX_ROOT}.${bucket}.>`;

/** The outbox of one context: what its event stream takes. */
export const contextOutbox = (bucket: string, context: string): string =>
  `${OUTBOX_ROOT}.${bucket}.${context}.*.*.*`;

/** The outbox of one event. */
export const outboxFilter = (bucket: string, { context, event }: EventName): string =>
  `${OUTBOX_ROOT}.${bucket}.${context}.${event}.*.*`;

/** What the outbox of a context becomes in the context's event stream. */
export const relayTarget = (context: string): string =>
  `${EVENTS_ROOT}.${context}.{{wildcard(1)}}.{{wildcard(2)}}`;

export interface OutboxPlace {
  bucket: string;
  name: EventName;
  keyToken: string;
  /** Without it, the bucket's one message per subject would drop an event that is not relayed yet. */
  unique: string;
}

export const outboxSubject = ({ bucket, name, keyToken, unique }: OutboxPlace): string =>
  `${OUTBOX_ROOT}.${bucket}.${name.context}.${name.event}.${keyToken}.${unique}`;

const INBOX_ROOT = 'inbox';

/** Marks of messages whose handling has committed. */
export const inboxSpace = (bucket: string): string => `${INBOX_ROOT}.${bucket}.>`;

export interface InboxPlace {
  bucket: string;
  /** As tokens: */
  group: string;
  message: string;
  keys: string;
  /** Counts what one handling commits to the same keys, from 1. */
  nth: number;
}

export const inboxSubject = ({ bucket, group, message, keys, nth }: InboxPlace): string =>
  `${INBOX_ROOT}.${bucket}.${group}.${message}.${keys}.${nth}`;

const FENCE_ROOT = 'fence';

/** The newest fencing tokens that keys have seen. */
export const fenceSpace = (bucket: string): string => `${FENCE_ROOT}.${bucket}.>`;

export const fenceSubject = (bucket: string, key: string, name: string): string =>
  `${FENCE_ROOT}.${bucket}.${encodeKey(key)}.${encodeKey(name)}`;

/** The subject under which an outbox entry arrives in its event stream. */
export const relayedSubject = (outbox: string): string => {
  const [, , context, event, keyToken] = outbox.split('.');
  return [EVENTS_ROOT, context, event, keyToken].join('.');
};

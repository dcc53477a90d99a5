import { decodeKey, encodeKey, NO_KEY } from '@millrace/core';
import { DEAD_ROOT } from './dead-letter.stream.js';

/** What the subject of a dead letter says: `dead.<context>.<event>.<group>.<key>`. */
export interface DeadSubject {
  /** `kv` for a change of a bucket. */
  context: string;
  /** Without its context, as in `paid`; the bucket's name for a change. */
  event: string;
  group: string;
  keyToken: string;
}

export const deadSubject = ({ context, event, group, keyToken }: DeadSubject): string =>
  [DEAD_ROOT, context, event, group, keyToken].join('.');

export const parseDeadSubject = (subject: string): DeadSubject => {
  const [, context = '', event = '', group = '', ...key] = subject.split('.');
  return { context, event, group, keyToken: key.join('.') };
};

/** `undefined` where there is none. */
export const keyOfToken = (token: string): string | undefined =>
  token === NO_KEY ? undefined : decodeKey(token);

/** @param key `null`: those without a key. */
export const tokenOfKey = (key: string | null): string => (key === null ? NO_KEY : encodeKey(key));

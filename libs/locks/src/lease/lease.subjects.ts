import { encodeKey } from '@millrace/core';

/** Locks and semaphores have names of their own: `lock 'a'` and `semaphore 'a'` are two things. */
export type ResourceKind = 'lock' | 'semaphore';

/** What is held: a lock or a semaphore, by any name. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
}

/** One resource as two subject tokens. @throws MillraceError `KEY_INVALID` for a name with a lone surrogate. */
export const resourceKey = ({ kind, name }: Resource): string => `${kind}.${encodeKey(name)}`;

/** The stream behind the lease bucket: that of a JetStream key-value bucket (ADR-8). */
export const leaseStream = (bucket: string): string => `KV_${bucket}`;

export const leaseSpace = (bucket: string): string => `$KV.${bucket}.>`;

/** Every record of one resource: its holders and those who wait. */
export const resourceFilter = (bucket: string, key: string): string => `$KV.${bucket}.${key}.*`;

/** The record of one contender. Nobody else ever writes it, apart from the server that lets it expire. */
export const recordSubject = (bucket: string, key: string, id: string): string =>
  `$KV.${bucket}.${key}.${id}`;

/** The resource's key and the contender's id; `undefined` for what a foreign client put there. */
export const parseRecordSubject = (
  bucket: string,
  subject: string,
): { key: string; id: string } | undefined => {
  const prefix = `$KV.${bucket}.`;
  if (!subject.startsWith(prefix)) return undefined;
  const [kind, token, id, ...rest] = subject.slice(prefix.length).split('.');
  if (!kind || !token || !id || rest.length > 0) return undefined;
  return { key: `${kind}.${token}`, id };
};

import { IncomingMessage } from 'node:http';
import { ApiKeys, Scope, SCOPES } from './api-keys.js';

/** Who sends a request. */
export interface Caller {
  /** The name of the key; `anonymous` where there are no keys, or none is needed. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Where no keys are configured, everybody may do everything. */
export const ANYBODY: Caller = { name: 'anonymous', scopes: SCOPES };

/** What is known of the sender: the caller, or why there is none. */
export type Identity = { kind: 'known'; caller: Caller } | { kind: 'missing' } | { kind: 'wrong' };

const BEARER = /^Bearer +([^\s]+) *$/i;

/** Who says to send a request, by its header `Authorization: Bearer <key>`. */
export const identify = (authorization: string | undefined, keys: ApiKeys): Identity => {
  if (keys.isEmpty) return { kind: 'known', caller: ANYBODY };
  if (authorization === undefined) return { kind: 'missing' };
  const [, key] = BEARER.exec(authorization) ?? [];
  const found = key === undefined ? undefined : keys.find(key);
  return found ? { kind: 'known', caller: found } : { kind: 'wrong' };
};

const identities = new WeakMap<IncomingMessage, Identity>();

/** Remembers who sends a request, for all that asks later. */
export const setIdentity = (request: IncomingMessage, identity: Identity): void => {
  identities.set(request, identity);
};

export const identityOf = (request: IncomingMessage): Identity =>
  identities.get(request) ?? { kind: 'missing' };

/** The name of whoever sends a request. */
export const actorOf = (request: IncomingMessage): string => {
  const identity = identityOf(request);
  return identity.kind === 'known' ? identity.caller.name : ANYBODY.name;
};

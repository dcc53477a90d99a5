import { AsyncLocalStorage } from 'node:async_hooks';
import { Lock } from './lock.js';

interface Scope {
  /** Whose locks: an application has several managers, a test process several applications. */
  readonly owner: object;
  readonly key: string;
  readonly lock: Lock;
  readonly parent: Scope | undefined;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Runs `task`, and all that it awaits, as work under this lock. */
export const runHolding = <T>(owner: object, held: { key: string; lock: Lock }, task: () => T): T =>
  scopes.run({ owner, ...held, parent: scopes.getStore() }, task);

/** The lock on `key` under which the running code works; `undefined` where it works under none. */
export const lockInScope = (owner: object, key: string): Lock | undefined => {
  for (let scope = scopes.getStore(); scope; scope = scope.parent) {
    if (scope.owner === owner && scope.key === key && scope.lock.held) return scope.lock;
  }
  return undefined;
};

import 'reflect-metadata';
import { Duration } from '@millrace/core';
import { Lock } from '../lease/lock.js';

const LEADER = Symbol.for('@millrace/locks:leader');

export interface LeaderOptions {
  /** How long another waits for a leader that is gone without a word. Default 5 s. */
  ttl?: Duration;
}

/** What `@Leader` recorded. */
export interface LeaderMetadata {
  name: string;
  options: LeaderOptions;
}

/** What a class under `@Leader` must have. */
export interface Electable {
  /**
   * Called when this process leads. `signal` aborts when it does no longer: the work must end then, for the
   * next leader waits for it. Throwing gives the seat up. Returning keeps it.
   */
  onElected(signal: AbortSignal, lock: Lock): unknown;
}

/** Of all replicas, one instance of the provider leads: its `onElected(signal)` is called. */
export const Leader =
  (name: string, options: LeaderOptions = {}) =>
  (target: abstract new (...args: never[]) => Electable): void => {
    const metadata: LeaderMetadata = { name, options };
    Reflect.defineMetadata(LEADER, metadata, target);
  };

/** What `@Leader` recorded on exactly this class. */
export const readLeaderMetadata = (target: object): LeaderMetadata | undefined =>
  Reflect.getOwnMetadata(LEADER, target) as LeaderMetadata | undefined;

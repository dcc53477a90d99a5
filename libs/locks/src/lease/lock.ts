import { Duration, MillraceError } from '@millrace/core';
import { LockMode } from './lease.record.js';
import { ResourceKind } from './lease.subjects.js';

/**
 * A lock that is held: a lease, which ends unless it is renewed, and a fencing token.
 *
 * It is a fence as it stands: pass it to a bucket's writes, which then refuse to overtake a younger holder's.
 */
export abstract class Lock implements AsyncDisposable {
  abstract readonly kind: ResourceKind;
  abstract readonly name: string;
  abstract readonly mode: LockMode;
  /** Grows with each acquisition of the name, by whomever, also across expiry and server restarts. */
  abstract readonly token: number;
  /**
   * Aborts the moment the lease cannot be trusted any more, with `LOCK_LOST` as its reason: when its time has
   * passed by the local clock, whether or not any news came. Looking at `aborted` judges anew. A release does
   * not abort it.
   */
  abstract readonly signal: AbortSignal;
  /** Whether the lease can be trusted now. */
  abstract readonly held: boolean;
  /** How long it can be trusted if no renewal succeeds. Milliseconds. */
  abstract readonly remainingMs: number;

  /**
   * Renews now, with another TTL from here on where one is given.
   * @throws MillraceError `LOCK_LOST`, `LOCK_NOT_HELD`; PublishError where the server did not answer in time.
   */
  abstract extend(ttl?: Duration): Promise<void>;

  /**
   * Gives the lock to the next in line. May be repeated.
   * @throws MillraceError `LOCK_LOST` where the lease had ended before; PublishError where the server could not
   * be told: the lock is free when its TTL has passed.
   */
  abstract release(): Promise<void>;

  /** Stops renewing: the lock is free when its TTL has passed. For work that does not stop when told to. */
  abstract abandon(): void;

  /** Runs `task` so that a `reentrant` acquisition of the same name in it gets this lock. */
  abstract run<T>(task: () => T): T;

  /** @throws MillraceError `LOCK_LOST` or `LOCK_NOT_HELD` */
  abstract assertHeld(): void;

  /** As {@link release}, but a lease that had ended is no error here: its `signal` has told. */
  abstract [Symbol.asyncDispose](): Promise<void>;
}

/** Told of what happens to locks in this process. Must not throw. */
export interface LockObserver {
  acquired(lock: LockFacts, waitedMs: number): void;
  released(lock: LockFacts, heldMs: number): void;
  lost(lock: LockFacts, cause: MillraceError): void;
}

export interface LockFacts {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly mode: LockMode;
  readonly token: number;
  readonly holder: string;
}

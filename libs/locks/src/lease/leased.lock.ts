import { Duration } from '@millrace/core';
import { Lease } from './lease.js';
import { LockMode } from './lease.record.js';
import { resourceKey, ResourceKind } from './lease.subjects.js';
import { runHolding } from './lock.scope.js';
import { Lock } from './lock.js';

/** What a lock needs of who keeps its lease. */
export interface LeaseOwner {
  /** Gives the lease up. @throws MillraceError `LOCK_LOST`, PublishError */
  release(lease: Lease): Promise<void>;
  /** Leaves the lease to expire. */
  abandon(lease: Lease): void;
}

/** The lock on a lease of this process. */
export class LeasedLock extends Lock {
  private releasing: Promise<void> | undefined;

  constructor(
    private readonly owner: LeaseOwner,
    private readonly lease: Lease,
  ) {
    super();
  }

  get kind(): ResourceKind {
    return this.lease.resource.kind;
  }

  get name(): string {
    return this.lease.resource.name;
  }

  get mode(): LockMode {
    return this.lease.mode;
  }

  get token(): number {
    return this.lease.token;
  }

  get signal(): AbortSignal {
    return this.lease.signal;
  }

  get held(): boolean {
    return this.lease.held;
  }

  get remainingMs(): number {
    return this.lease.remainingMs;
  }

  extend(ttl?: Duration): Promise<void> {
    return this.lease.extend(ttl);
  }

  release(): Promise<void> {
    return (this.releasing ??= this.owner.release(this.lease));
  }

  abandon(): void {
    this.releasing ??= Promise.resolve();
    this.owner.abandon(this.lease);
  }

  run<T>(task: () => T): T {
    return runHolding(this.owner, { key: resourceKey(this.lease.resource), lock: this }, task);
  }

  assertHeld(): void {
    this.lease.assertHeld();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (error !== this.lease.lossCause) throw error;
    }
  }
}

/** A lock that was re-entered: its release leaves the lock with whoever acquired it first. */
export class ReenteredLock extends Lock {
  constructor(private readonly outer: Lock) {
    super();
  }

  get kind(): ResourceKind {
    return this.outer.kind;
  }

  get name(): string {
    return this.outer.name;
  }

  get mode(): LockMode {
    return this.outer.mode;
  }

  get token(): number {
    return this.outer.token;
  }

  get signal(): AbortSignal {
    return this.outer.signal;
  }

  get held(): boolean {
    return this.outer.held;
  }

  get remainingMs(): number {
    return this.outer.remainingMs;
  }

  extend(ttl?: Duration): Promise<void> {
    return this.outer.extend(ttl);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  abandon(): void {
    this.outer.abandon();
  }

  run<T>(task: () => T): T {
    return this.outer.run(task);
  }

  assertHeld(): void {
    this.outer.assertHeld();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

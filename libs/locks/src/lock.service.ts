import { configInvalid, Duration, toMillis } from '@millrace/core';
import { AcquireRequest } from './lease/acquire.request.js';
import { ResourceState } from './lease/lease.inspector.js';
import { LockMode } from './lease/lease.record.js';
import { Resource } from './lease/lease.subjects.js';
import { Lock } from './lease/lock.js';
import { LockManager } from './lease/lock.manager.js';
import { AcquireOptions, LOCK_DEFAULTS, TryAcquireOptions, Wait, WithLockOptions } from './lock.options.js';

/** A number of permits under one name: at most so many holders at once. */
export interface Semaphore {
  readonly name: string;
  readonly permits: number;
  /** As `LockService.acquire`. */
  acquire(options?: AcquireOptions): Promise<Lock>;
  /** As `LockService.tryAcquire`. */
  tryAcquire(options?: TryAcquireOptions): Promise<Lock | undefined>;
}

interface Wanted {
  resource: Resource;
  mode: LockMode;
  permits?: number;
}

/** Locks, by any name, across all processes of one lease bucket. Inject it by its class. */
export class LockService {
  constructor(
    private readonly manager: LockManager,
    private readonly defaults: { ttl?: Duration; wait?: Wait } = {},
  ) {}

  /**
   * Holds `name` alone. Waits in line where it is held.
   * @throws MillraceError `LOCK_TIMEOUT`, which names the holder; `LOCKS_CLOSED` at shutdown; `KEY_INVALID`,
   * `CONFIG_INVALID`; PublishError where the server refuses the write; the signal's reason.
   */
  acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    return this.wait({ resource: { kind: 'lock', name }, mode: 'exclusive' }, options);
  }

  /** Holds `name` alone, where it is free and nobody waits for it; `undefined` otherwise. */
  tryAcquire(name: string, options: TryAcquireOptions = {}): Promise<Lock | undefined> {
    return this.attempt({ resource: { kind: 'lock', name }, mode: 'exclusive' }, options);
  }

  /** Holds `name` together with other readers, while nobody holds it alone. As {@link acquire} otherwise. */
  acquireShared(name: string, options: AcquireOptions = {}): Promise<Lock> {
    return this.wait({ resource: { kind: 'lock', name }, mode: 'shared' }, options);
  }

  /** {@link acquireShared}, or `undefined` at once. */
  tryAcquireShared(name: string, options: TryAcquireOptions = {}): Promise<Lock | undefined> {
    return this.attempt({ resource: { kind: 'lock', name }, mode: 'shared' }, options);
  }

  /**
   * At most `permits` holders of `name` at once. Where two declare different numbers, the smallest of those
   * at work holds.
   * @throws MillraceError `CONFIG_INVALID` for anything but a positive whole number.
   */
  semaphore(name: string, permits: number): Semaphore {
    if (!Number.isSafeInteger(permits) || permits < 1) {
      throw configInvalid(
        `The semaphore '${name}' has ${permits} permits`,
        'Give a whole number of at least 1',
      );
    }
    const wanted: Wanted = { resource: { kind: 'semaphore', name }, mode: 'permit', permits };
    return {
      name,
      permits,
      acquire: (options = {}) => this.wait(wanted, options),
      tryAcquire: (options = {}) => this.attempt(wanted, options),
    };
  }

  /** Runs `task` while holding `name`, and releases it however the task ends. */
  async withLock<T>(
    name: string,
    options: WithLockOptions,
    task: (lock: Lock) => Promise<T> | T,
  ): Promise<T> {
    const lock =
      options.mode === 'shared' ? await this.acquireShared(name, options) : await this.acquire(name, options);
    try {
      return await lock.run(() => task(lock));
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }

  /** Every lock and semaphore that somebody holds or waits for. @throws MillraceError `STORAGE_UNAVAILABLE` */
  inspect(): Promise<ResourceState[]> {
    return this.manager.inspect();
  }

  private async wait(wanted: Wanted, options: AcquireOptions): Promise<Lock> {
    const wait = options.wait ?? this.defaults.wait ?? LOCK_DEFAULTS.wait;
    const waitMs = wait === 'forever' ? Number.POSITIVE_INFINITY : toMillis(wait, 'wait');
    const lock = await this.manager.acquire({
      ...this.request(wanted, options),
      waitMs,
      signal: options.signal,
    });
    if (lock) return lock;
    throw new TypeError('A request that waits ends with a lock or an error');
  }

  private async attempt(wanted: Wanted, options: TryAcquireOptions): Promise<Lock | undefined> {
    return this.manager.acquire({ ...this.request(wanted, options), waitMs: undefined, signal: undefined });
  }

  private request(
    { resource, mode, permits }: Wanted,
    { ttl = this.defaults.ttl ?? LOCK_DEFAULTS.ttl, autoRenew = true, reentrant = false }: TryAcquireOptions,
  ): Omit<AcquireRequest, 'waitMs' | 'signal'> & { reentrant: boolean } {
    return { resource, mode, permits, ttlMs: toMillis(ttl, 'ttl'), autoRenew, reentrant };
  }
}

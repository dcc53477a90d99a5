import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { configInvalid, ErrorCode, MillraceConnection, MillraceError, settlesWithin } from '@millrace/core';
import { AcquireRequest } from './acquire.request.js';
import { Contender } from './contender.js';
import { LeasedLock, LeaseOwner, ReenteredLock } from './leased.lock.js';
import { Grant, Lease } from './lease.js';
import { locksClosed, shown } from './lease.errors.js';
import { inspectLeases, ResourceState } from './lease.inspector.js';
import { LeaseKeeper } from './lease.keeper.js';
import { LeasePublisher } from './lease.publisher.js';
import { resourceFilter, resourceKey } from './lease.subjects.js';
import { LeaseWriter } from './lease.writer.js';
import { LeftPlaces } from './left.places.js';
import { Lock, LockFacts, LockObserver } from './lock.js';
import { lockInScope } from './lock.scope.js';
import { ResourceViews } from './resource.view.js';

export interface LockManagerOptions {
  readonly bucket: string;
  readonly observer?: LockObserver | undefined;
}

const CLOSE_TIMEOUT_MS = 3000;
const INSPECT_TIMEOUT_MS = 5000;

/** Acquires, keeps and releases the locks of one process on one lease bucket, whose stream exists. */
export class LockManager implements LeaseOwner {
  private readonly keeper: LeaseKeeper;
  private readonly publisher: LeasePublisher;
  private readonly writer: LeaseWriter;
  private readonly views: ResourceViews;
  private readonly left: LeftPlaces;
  private readonly leases = new Set<Lease>();
  private readonly attempts = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();
  private readonly holder: string;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly options: LockManagerOptions,
  ) {
    const { clock, name } = connection;
    // Every acquisition under way listens to it.
    setMaxListeners(0, this.closing.signal);
    this.keeper = new LeaseKeeper(clock);
    this.publisher = new LeasePublisher(connection);
    this.writer = new LeaseWriter(connection, this.publisher, options.bucket);
    this.views = new ResourceViews(connection, options.bucket);
    this.left = new LeftPlaces(clock);
    this.holder = `${name}@${hostname()}/${process.pid}`;
  }

  /** `undefined` where the request does not wait and it is not free. @throws see `LockService.acquire` */
  acquire(request: AcquireRequest & { reentrant: boolean }): Promise<Lock | undefined> {
    if (request.reentrant) {
      const outer = lockInScope(this, resourceKey(request.resource));
      if (outer) return Promise.resolve(reenter(outer, request));
    }
    if (this.closing.signal.aborted) return Promise.reject(locksClosed(request.resource));
    const attempt = this.contend(request);
    this.attempts.add(attempt);
    const forget = (): void => void this.attempts.delete(attempt);
    attempt.then(forget, forget);
    return attempt;
  }

  async release(lease: Lease): Promise<void> {
    const before = await lease.retire();
    this.forget(lease);
    if (before === 'released') return;
    await this.giveUp(lease, before === 'held');
    if (before === 'lost') throw lease.lossCause ?? new TypeError('A lost lease knows why');
    this.options.observer?.released(factsOf(lease), this.connection.clock.now() - lease.since);
  }

  abandon(lease: Lease): void {
    this.forget(lease);
    void lease.retire();
  }

  /** Who holds and who waits, across all processes. @throws MillraceError `STORAGE_UNAVAILABLE` */
  async inspect(): Promise<ResourceState[]> {
    const states = await inspectLeases(this.connection, this.options.bucket, INSPECT_TIMEOUT_MS);
    if (states) return states;
    throw new MillraceError(ErrorCode.StorageUnavailable, 'The lease bucket could not be listed', {
      remedy: 'Check that NATS is reachable and that the stream has a leader, then try again',
    });
  }

  /** Ends the waiting with `LOCKS_CLOSED` and gives up what is held. Idempotent. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort(locksClosed({ kind: 'lock', name: '' }));
    await settlesWithin(Promise.allSettled(this.attempts), CLOSE_TIMEOUT_MS);
    const releases = [...this.leases].map((lease) => this.release(lease));
    await settlesWithin(Promise.allSettled(releases), CLOSE_TIMEOUT_MS);
    this.views.stop();
    await this.publisher.close();
  }

  private async contend(request: AcquireRequest): Promise<Lock | undefined> {
    const { writer, views, left, holder } = this;
    const { clock } = this.connection;
    const { bucket } = this.options;
    const contender = new Contender(
      { bucket, holder, clock, writer, views, left },
      { ...request, signal: this.withClosing(request.signal) },
    );
    let grant: Grant | undefined;
    try {
      grant = await contender.acquire();
    } catch (error) {
      throw error === this.closing.signal.reason ? locksClosed(request.resource) : error;
    }
    if (!grant) return undefined;
    const lock = this.keep(grant);
    this.options.observer?.acquired(factsOf(lock.lease), contender.waitedMs);
    return lock.handle;
  }

  private withClosing(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
  }

  private keep(grant: Grant): { lease: Lease; handle: LeasedLock } {
    const lease = new Lease(grant, {
      clock: this.connection.clock,
      writer: this.writer,
      hasten: (own) => this.keeper.hasten(own),
      onLost: (own, cause) => {
        this.forget(own);
        this.connection.log.warn(cause.message);
        this.options.observer?.lost(factsOf(own), cause);
      },
    });
    this.leases.add(lease);
    this.keeper.add(lease);
    return { lease, handle: new LeasedLock(this, lease) };
  }

  private forget(lease: Lease): void {
    this.leases.delete(lease);
    this.keeper.remove(lease);
  }

  private async giveUp(lease: Lease, wasHeld: boolean): Promise<void> {
    const key = resourceKey(lease.resource);
    const view = this.views.peek(key);
    const { id, subject } = lease;
    if (wasHeld && !view && lease.beganAlone) {
      // Where nobody else was there and nothing was written since, we leave it empty, and know it.
      const filter = resourceFilter(this.options.bucket, key);
      const alone = await this.writer.giveUp(subject, { sequence: lease.token, filter });
      if (alone.kind === 'stored') {
        this.left.addVacancy(key, alone.sequence);
        return this.left.addId(key, { id, sequence: alone.sequence });
      }
    }
    let expected: number | undefined = lease.lastSequence;
    while (expected !== undefined) {
      const outcome = await this.writer.giveUp(subject, { sequence: expected });
      if (outcome.kind === 'stored') {
        view?.expect(outcome.sequence);
        return this.left.addId(key, { id, sequence: outcome.sequence });
      }
      // A renewal whose confirmation was lost had been stored.
      expected = outcome.own;
    }
  }
}

const factsOf = ({ resource, mode, token, holder }: Lease): LockFacts => ({
  ...resource,
  mode,
  token,
  holder,
});

const reenter = (outer: Lock, { resource, mode }: AcquireRequest): Lock => {
  if (mode === 'exclusive' && outer.mode === 'shared') {
    throw configInvalid(
      `The ${shown(resource)} is held shared, and cannot be re-entered to hold it alone`,
      'Acquire it exclusively at first: two readers that both wait to become the writer wait forever',
    );
  }
  return new ReenteredLock(outer);
};

import { Clock, Duration, ErrorCode, MillraceError, toMillis } from '@millrace/core';
import { lockLost, lockNotHeld } from './lease.errors.js';
import { Kept } from './lease.keeper.js';
import { LeaseRecord, LockMode } from './lease.record.js';
import { judgedSignal } from './lease.signal.js';
import { Resource } from './lease.subjects.js';
import { leaseTiming, LeaseTiming } from './lease.timing.js';
import { LeaseWriteOutcome } from './lease.writer.js';

/** What a lease needs of the server: to write its own record. */
export interface LeaseRecordWriter {
  write(write: {
    subject: string;
    record: LeaseRecord;
    serverTtl: string;
    expected: { sequence: number };
    deadlineMs: number;
  }): Promise<LeaseWriteOutcome>;
}

/** A grant that the server has stored. */
export interface Grant {
  readonly resource: Resource;
  /** Of its record. */
  readonly id: string;
  readonly subject: string;
  readonly record: LeaseRecord;
  /** Of the write that acquired it. */
  readonly token: number;
  /** Before that write was sent, by the monotonic clock. */
  readonly sentAt: number;
  readonly autoRenew: boolean;
  /** Whether nobody else held the resource or waited for it. */
  readonly alone: boolean;
}

export interface LeasePorts {
  readonly clock: Clock;
  readonly writer: LeaseRecordWriter;
  /** When it wants to be attended to earlier than it said. */
  readonly hasten: (lease: Lease) => void;
  readonly onLost: (lease: Lease, cause: MillraceError) => void;
}

/** Between renewals that fail while the lease still lasts. */
const RETRY_MS = 100;
/** The shortest time in which a renewal may succeed. */
const MIN_DEADLINE_MS = 50;

/**
 * One grant of this process: renews it, and judges by the local clock how long it can be trusted. The end of
 * the trust is counted from before the newest confirmed write was sent, so it comes before the server's.
 */
export class Lease implements Kept {
  private state: 'held' | 'released' | 'lost' = 'held';
  private timing: LeaseTiming;
  private sequence: number;
  private trustEndsAt: number;
  private renewAt: number;
  private renewing: Promise<void> | undefined;
  private controller: AbortController | undefined;
  private judged: AbortSignal | undefined;
  private lostCause: MillraceError | undefined;

  constructor(
    private readonly grant: Grant,
    private readonly ports: LeasePorts,
  ) {
    this.timing = leaseTiming(grant.record.ttlMs);
    this.sequence = grant.token;
    this.trustEndsAt = grant.sentAt + this.timing.trustMs;
    this.renewAt = grant.sentAt + this.timing.renewAfterMs;
  }

  get resource(): Resource {
    return this.grant.resource;
  }

  get id(): string {
    return this.grant.id;
  }

  /** The sequence of its newest write that is known to be stored. */
  get lastSequence(): number {
    return this.sequence;
  }

  get subject(): string {
    return this.grant.subject;
  }

  get mode(): LockMode {
    return this.grant.record.mode;
  }

  get holder(): string {
    return this.grant.record.holder;
  }

  get token(): number {
    return this.grant.token;
  }

  /** When it was acquired, by the wall clock. */
  get since(): number {
    return this.grant.record.since;
  }

  /** Whether nobody else was there when it was acquired, and it has not been written since. */
  get beganAlone(): boolean {
    return this.grant.alone && this.sequence === this.token;
  }

  get held(): boolean {
    this.check();
    return this.state === 'held';
  }

  /** How long it may be trusted if it is not renewed again. */
  get remainingMs(): number {
    return this.held ? this.trustEndsAt - this.ports.clock.monotonic() : 0;
  }

  /** Why it was lost; `undefined` where it was not. */
  get lossCause(): MillraceError | undefined {
    this.check();
    return this.lostCause;
  }

  get signal(): AbortSignal {
    if (!this.judged) {
      this.controller = new AbortController();
      if (this.lostCause) this.controller.abort(this.lostCause);
      this.judged = judgedSignal(this.controller, () => this.check());
    }
    this.check();
    return this.judged;
  }

  get dueAt(): number {
    const renewal = this.grant.autoRenew && !this.renewing ? this.renewAt : Number.POSITIVE_INFINITY;
    return Math.min(renewal, this.trustEndsAt);
  }

  attend(): void {
    const due = this.dueAt;
    this.check();
    if (this.state !== 'held' || !this.grant.autoRenew || this.renewing || due < this.renewAt) return;
    void this.renew().catch(() => undefined);
  }

  /**
   * Renews now, with another TTL where one is given. Resolves when the server has confirmed it.
   * @throws MillraceError `LOCK_LOST`, `LOCK_NOT_HELD`; PublishError where the server did not answer in time.
   */
  async extend(ttl?: Duration): Promise<void> {
    if (ttl !== undefined) this.timing = leaseTiming(toMillis(ttl, 'ttl'));
    // One that is under way has been sent with the former TTL.
    await this.renewing?.catch(() => undefined);
    await this.renew();
  }

  /** @throws MillraceError `LOCK_LOST` or `LOCK_NOT_HELD` */
  assertHeld(): void {
    this.check();
    if (this.state === 'lost') throw this.lostCause ?? this.loss('its time has passed');
    if (this.state === 'released') throw lockNotHeld(this.resource, this.token);
  }

  /** Ends it for this process. The record is somebody else's to give up. */
  async retire(): Promise<'held' | 'released' | 'lost'> {
    this.check();
    const before = this.state;
    if (before === 'held') this.state = 'released';
    await this.renewing?.catch(() => undefined);
    return before;
  }

  private check(): void {
    if (this.state !== 'held' || this.ports.clock.monotonic() < this.trustEndsAt) return;
    this.lose(this.loss('it was not renewed in time'));
  }

  private loss(why: string, cause?: unknown): MillraceError {
    return lockLost(this.resource, this.token, why, cause);
  }

  private lose(cause: MillraceError): void {
    if (this.state !== 'held') return;
    this.state = 'lost';
    this.lostCause = cause;
    this.controller?.abort(cause);
    this.ports.onLost(this, cause);
  }

  private renew(): Promise<void> {
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = undefined;
      this.ports.hasten(this);
    });
    return this.renewing;
  }

  private async renewOnce(): Promise<void> {
    const { clock } = this.ports;
    for (;;) {
      this.assertHeld();
      const sentAt = clock.monotonic();
      const { timing } = this;
      // A shorter TTL holds from the moment that the server may have it, confirmed or not.
      this.trustEndsAt = Math.min(this.trustEndsAt, sentAt + timing.trustMs);
      let outcome: LeaseWriteOutcome;
      try {
        outcome = await this.ports.writer.write({
          subject: this.subject,
          record: { ...this.grant.record, token: this.token, ttlMs: timing.ttlMs },
          serverTtl: timing.serverTtl,
          expected: { sequence: this.sequence },
          deadlineMs: Math.max(MIN_DEADLINE_MS, this.trustEndsAt - sentAt),
        });
      } catch (error) {
        this.renewAt = clock.monotonic() + RETRY_MS;
        if (isFinal(error)) this.renewAt = Number.POSITIVE_INFINITY;
        throw error;
      }
      // A confirmation that comes after the end must not bring back what others may hold by now.
      this.assertHeld();
      if (outcome.kind === 'stored') {
        this.sequence = outcome.sequence;
        this.trustEndsAt = sentAt + timing.trustMs;
        this.renewAt = sentAt + timing.renewAfterMs;
        return;
      }
      if (outcome.own === undefined) {
        this.lose(this.loss('the server has let it expire'));
        this.assertHeld();
        return;
      }
      // An earlier renewal of ours, whose confirmation was lost, has been stored.
      this.sequence = outcome.own;
    }
  }
}

const isFinal = (error: unknown): boolean => MillraceError.is(error, ErrorCode.ConnectionClosed);

import { nuid } from '@nats-io/transport-node';
import { Clock, toServerSeconds } from '@millrace/core';
import { AcquireRequest } from './acquire.request.js';
import { Claim } from './admission.js';
import { Grant } from './lease.js';
import { LeaseRecord } from './lease.record.js';
import { recordSubject, resourceFilter, resourceKey } from './lease.subjects.js';
import { leaseTiming, LeaseTiming } from './lease.timing.js';
import { Expectation, LeaseWriter } from './lease.writer.js';
import { LeftPlaces, RecordId } from './left.places.js';
import { whicheverFirst } from './whichever.first.js';

/** A waiter's own lease: its place in line outlives it by no more than this. */
const TICKET_TTL_MS = 10_000;
const RENEW_TICKET_MS = TICKET_TTL_MS / 3;
/** A write that is not confirmed by then is given up, and tried anew. */
export const WRITE_DEADLINE_MS = 5000;

/** A place in line, as the server has stored it. */
export interface Place {
  /** Of the first write: those with a smaller one come first. */
  readonly ticket: number;
  readonly sequence: number;
  /** Monotonic milliseconds. */
  readonly renewAt: number;
}

export interface RecordParts {
  readonly bucket: string;
  readonly holder: string;
  readonly clock: Clock;
  readonly writer: LeaseWriter;
  readonly left: LeftPlaces;
}

/** The one record of a contender: its place in line at first, its grant in the end. */
export class ContenderRecord {
  readonly key: string;
  private readonly filter: string;
  private readonly timing: LeaseTiming;
  private current: RecordId;
  private line: Place | undefined;

  constructor(
    private readonly parts: RecordParts,
    private readonly request: AcquireRequest,
  ) {
    this.key = resourceKey(request.resource);
    this.filter = resourceFilter(parts.bucket, this.key);
    this.timing = leaseTiming(request.ttlMs);
    this.current = parts.left.takeId(this.key) ?? freshId();
  }

  get id(): string {
    return this.current.id;
  }

  get place(): Place | undefined {
    return this.line;
  }

  get claim(): Claim {
    const { mode, permits } = this.request;
    return { id: this.id, mode, permits, ticket: this.line?.ticket };
  }

  /** Takes the resource, on condition that `expected` is the newest that it has. `alone`: where nobody else is there. */
  async take(expected: number, alone: boolean): Promise<Grant | undefined> {
    const { resource, autoRenew, ttlMs } = this.request;
    const { clock } = this.parts;
    const { subject } = this;
    const sentAt = clock.monotonic();
    const record = this.record('held', ttlMs);
    const condition = { sequence: expected, filter: this.filter };
    const outcome = await this.write(record, this.timing.serverTtl, condition);
    if (outcome.kind === 'conflict') return undefined;
    if (clock.monotonic() >= sentAt + this.timing.trustMs) {
      this.withdraw();
      return undefined;
    }
    this.line = undefined;
    return { resource, subject, record, id: this.id, token: outcome.sequence, sentAt, autoRenew, alone };
  }

  /** Resolves with the sequence of the entry; `undefined` where it must be tried again. */
  async enterLine(): Promise<number | undefined> {
    const renewAt = this.parts.clock.monotonic() + RENEW_TICKET_MS;
    const record = this.record('waiting', TICKET_TTL_MS);
    const expected = { sequence: this.current.sequence };
    const outcome = await this.write(record, toServerSeconds(TICKET_TTL_MS), expected);
    if (outcome.kind === 'conflict') {
      this.leaveLine();
      return undefined;
    }
    const { sequence } = outcome;
    this.line = { ticket: sequence, sequence, renewAt };
    return sequence;
  }

  async renewPlace({ ticket, sequence }: Place): Promise<void> {
    const now = this.parts.clock.monotonic();
    const record = { ...this.record('waiting', TICKET_TTL_MS), ticket };
    const outcome = await this.write(record, toServerSeconds(TICKET_TTL_MS), { sequence });
    if (outcome.kind === 'stored') {
      this.line = { ticket, sequence: outcome.sequence, renewAt: now + RENEW_TICKET_MS };
    } else if (outcome.own === undefined) {
      this.leaveLine();
    } else {
      // A renewal whose confirmation was lost had been stored.
      this.line = { ticket, sequence: outcome.own, renewAt: now };
    }
  }

  /** The place is gone: what stands or stood under the former id would refuse a new entry. */
  leaveLine(): void {
    this.line = undefined;
    this.current = freshId();
  }

  /** Gives up, in the background, whatever may stand under the present id. */
  withdraw(): void {
    this.parts.writer.giveUp(this.subject).catch(() => undefined);
    this.leaveLine();
  }

  private get subject(): string {
    return recordSubject(this.parts.bucket, this.key, this.id);
  }

  private record(state: LeaseRecord['state'], ttlMs: number): LeaseRecord {
    const { resource, mode, permits } = this.request;
    const { holder, clock } = this.parts;
    return { ...resource, state, mode, holder, permits, since: clock.now(), ttlMs };
  }

  private async write(record: LeaseRecord, serverTtl: string, expected: Expectation) {
    const { subject } = this;
    const { writer } = this.parts;
    const writing = writer.write({ subject, record, serverTtl, expected, deadlineMs: WRITE_DEADLINE_MS });
    try {
      return await whicheverFirst(writing, this.request.signal);
    } catch (error) {
      // It may be stored all the same, or be stored yet: what is written after it refuses it or takes it back.
      this.leaveLine();
      void writing.catch(() => undefined).then(() => writer.giveUp(subject).catch(() => undefined));
      throw error;
    }
  }
}

const freshId = (): RecordId => ({ id: nuid.next(), sequence: 0 });

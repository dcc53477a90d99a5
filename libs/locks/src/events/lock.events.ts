import { IsIn, IsInt, IsNumber, IsOptional, IsString } from 'class-validator';
import { Event } from '@millrace/core';
import type { LockMode } from '../lease/lease.record.js';
import type { ResourceKind } from '../lease/lease.subjects.js';

const KINDS: ResourceKind[] = ['lock', 'semaphore'];
const MODES: LockMode[] = ['exclusive', 'shared', 'permit'];

/** What every event about a lock tells. */
export class LockEvent {
  @IsString() name!: string;

  @IsIn(KINDS) kind!: ResourceKind;

  @IsIn(MODES) mode!: LockMode;

  /** The fencing token of the acquisition. */
  @IsInt() token!: number;

  /** Application, host and process. */
  @IsString() holder!: string;
}

/** Somebody has acquired a lock. After a `lock.released` or `lock.expired` of the name, it was handed over. */
@Event('lock.acquired', { key: 'name' })
export class LockAcquired extends LockEvent {
  /** How long it had to wait. Milliseconds. */
  @IsNumber() waitedMs!: number;
}

/** Its holder has given a lock up. */
@Event('lock.released', { key: 'name' })
export class LockReleased extends LockEvent {
  /** Milliseconds. */
  @IsNumber() heldMs!: number;
}

/** The server has ended a lease that was neither renewed nor released: its holder is dead, frozen or cut off. */
@Event('lock.expired', { key: 'name' })
export class LockExpired extends LockEvent {
  /** How long the lease was. Milliseconds. */
  @IsOptional() @IsNumber() ttlMs?: number;
}

import { IsInt, Min } from 'class-validator';
import { Bucket } from '@millrace/storage';
import { Booked } from './contracts.js';
import { readSettings } from './role.settings.js';

/** The group that keeps accounts, and their bucket. */
export const LEDGER = 'ledger';

/** The committed state of an account. */
@Bucket(LEDGER, { events: [Booked], replicas: readSettings().replicas })
export class Account {
  /** Effects so far. */
  @IsInt() @Min(1) count!: number;
  /** The sum of all origins (`addToDigest`): no effect can stand in for another. */
  @IsInt() @Min(0) digest!: number;
}

import { IsInt, Min } from 'class-validator';
import { Bucket, type TypedBucket } from '@millrace/storage';
import { addToDigest } from '../record/digest.js';
import { Booked, Placed } from './contracts.js';
import { readSettings } from './role.settings.js';

/** The groups that keep accounts, and their buckets. */
export const LEDGER = 'ledger';
export const ORDERED = 'ordered';

const KEPT = { events: [Booked], replicas: readSettings().replicas };

/** The committed state of an account. */
@Bucket(LEDGER, KEPT)
export class LedgerAccount {
  /** Effects so far. */
  @IsInt() @Min(1) count!: number;
  /** The sum of all origins (`addToDigest`): no effect can stand in for another. */
  @IsInt() @Min(0) digest!: number;
}

@Bucket(ORDERED, KEPT)
export class OrderedAccount extends LedgerAccount {}

/** Commits the effect of an event: the account's new state, and an event about it. */
export const book = (
  accounts: TypedBucket<LedgerAccount>,
  { account, id: origin }: Placed,
  { group, sequence }: { readonly group: string; readonly sequence: number },
): Promise<unknown> =>
  accounts.commit(account, (current) => {
    const count = (current?.value.count ?? 0) + 1;
    return {
      state: { count, digest: addToDigest(current?.value.digest ?? 0, origin) },
      events: [Object.assign(new Booked(), { group, account, origin, count, sequence })],
    };
  });

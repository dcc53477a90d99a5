import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { InjectBucket, type TypedBucket } from '@millrace/storage';
import { addToDigest } from '../../record/digest.js';
import { Journal } from '../../record/journal.js';
import { Account, LEDGER } from '../account.bucket.js';
import { Booked, Placed } from '../contracts.js';
import { handleAsFated } from '../handling.js';

/** Its effect is a commit: the account's new state and an event about it. */
@Injectable()
export class LedgerSubscriber {
  constructor(
    private readonly journal: Journal,
    @InjectBucket(Account) private readonly accounts: TypedBucket<Account>,
  ) {}

  @Subscribe(Placed, { group: LEDGER })
  handle(event: Placed, @Context() message: EventMessage): Promise<void> {
    const effect = () => this.book(event, message.sequence);
    return handleAsFated(this.journal, { message, fate: event.fate, effect });
  }

  private book({ account, id: origin }: Placed, sequence: number): Promise<unknown> {
    return this.accounts.commit(account, (current) => {
      const count = (current?.value.count ?? 0) + 1;
      return {
        state: { count, digest: addToDigest(current?.value.digest ?? 0, origin) },
        events: [Object.assign(new Booked(), { group: LEDGER, account, origin, count, sequence })],
      };
    });
  }
}

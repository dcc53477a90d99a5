import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { InjectBucket, type TypedBucket } from '@millrace/storage';
import { Journal } from '../../record/journal.js';
import { book, LEDGER, LedgerAccount } from '../account.bucket.js';
import { Placed } from '../contracts.js';
import { handleAsFated } from '../handling.js';

/** Its effect is a commit, in any order. */
@Injectable()
export class LedgerSubscriber {
  constructor(
    private readonly journal: Journal,
    @InjectBucket(LedgerAccount) private readonly accounts: TypedBucket<LedgerAccount>,
  ) {}

  @Subscribe(Placed, { group: LEDGER })
  handle(event: Placed, @Context() message: EventMessage): Promise<void> {
    const effect = () => book(this.accounts, event, message);
    return handleAsFated(this.journal, { message, fate: event.fate, effect });
  }
}

import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { InjectBucket, type TypedBucket } from '@millrace/storage';
import { Journal } from '../../record/journal.js';
import { book, ORDERED, OrderedAccount } from '../account.bucket.js';
import { Placed } from '../contracts.js';
import { handleAsFated } from '../handling.js';

const PARTITIONS = 8;

/** Handles the events of a key one at a time, in their order; its effect is a commit. */
@Injectable()
export class OrderedSubscriber {
  constructor(
    private readonly journal: Journal,
    @InjectBucket(OrderedAccount) private readonly accounts: TypedBucket<OrderedAccount>,
  ) {}

  @Subscribe(Placed, { group: ORDERED, ordered: true, partitions: PARTITIONS })
  handle(event: Placed, @Context() message: EventMessage): Promise<void> {
    const effect = () => book(this.accounts, event, message);
    return handleAsFated(this.journal, { message, fate: event.fate, effect });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Context, type EventBatch, PermanentError, SubscribeBatch } from '@millrace/events';
import { Journal } from '../../record/journal.js';
import { Placed } from '../contracts.js';
import { handleAsFated } from '../handling.js';

const WORK_MS = 1;

/** Handles several at once, each with an outcome of its own. */
@Injectable()
export class BatchedSubscriber {
  constructor(private readonly journal: Journal) {}

  @SubscribeBatch(Placed, { group: 'batched', max: 20, within: '20ms' })
  async handle(events: readonly Placed[], @Context() { items }: EventBatch<Placed>): Promise<void> {
    for (const [at, { fate }] of events.entries()) {
      const item = items[at];
      if (item === undefined) throw new RangeError(`${events.length} events and ${items.length} items`);
      try {
        await handleAsFated(this.journal, { message: item.message, fate, effect: () => delay(WORK_MS) });
        item.ack();
      } catch (error) {
        if (error instanceof PermanentError) item.deadLetter(error);
        else item.retry(undefined, String(error));
      }
    }
  }
}

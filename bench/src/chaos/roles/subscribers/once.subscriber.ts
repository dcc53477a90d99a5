import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { Journal } from '../../record/journal.js';
import { Placed } from '../contracts.js';
import { handleAsFated } from '../handling.js';

const WORK_MS = 5;

/** Claims every event before it handles it, and marks it after. */
@Injectable()
export class OnceSubscriber {
  constructor(private readonly journal: Journal) {}

  @Subscribe(Placed, { group: 'once', idempotent: true })
  handle({ fate }: Placed, @Context() message: EventMessage): Promise<void> {
    return handleAsFated(this.journal, { message, fate, effect: () => delay(WORK_MS) });
  }
}

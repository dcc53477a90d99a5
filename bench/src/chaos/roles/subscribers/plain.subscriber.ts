import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { Journal } from '../../record/journal.js';
import { Placed } from '../contracts.js';
import { handleAsFated } from '../handling.js';

const WORK_MS = 5;

/** Handles in any order, with no effect but the record. */
@Injectable()
export class PlainSubscriber {
  constructor(private readonly journal: Journal) {}

  @Subscribe(Placed, { group: 'plain' })
  handle({ fate }: Placed, @Context() message: EventMessage): Promise<void> {
    return handleAsFated(this.journal, { message, fate, effect: () => delay(WORK_MS) });
  }
}

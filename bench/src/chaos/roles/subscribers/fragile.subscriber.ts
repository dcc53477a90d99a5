import { Injectable } from '@nestjs/common';
import { Context, EventMessage, Subscribe } from '@millrace/events';
import { Journal, monotonicMs } from '../../record/journal.js';
import { Charged } from '../contracts.js';

/** Some events take the whole process with them, on every attempt. */
@Injectable()
export class FragileSubscriber {
  constructor(private readonly journal: Journal) {}

  // One at a time: a death would use up an attempt of whatever is handled beside it.
  @Subscribe(Charged, { group: 'fragile', concurrency: 1, retry: { attempts: 3 } })
  handle({ fate }: Charged, @Context() { group, sequence, attempt }: EventMessage): void {
    this.journal.write(['begin', group, sequence, attempt, monotonicMs()]);
    if (fate === 'deadly') process.kill(process.pid, 'SIGKILL');
    this.journal.write(['end', group, sequence, attempt, monotonicMs()]);
  }
}

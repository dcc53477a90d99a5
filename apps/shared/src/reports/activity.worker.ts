import { Injectable } from '@nestjs/common';
import { type CommandContext, Context, HandleCommand } from '@millrace/commands';
import { ActivityCounts, CountActivity } from '@millrace/contracts';
import { InjectConnection, type MillraceConnection } from '@millrace/core';
import { EventBus } from '@millrace/events';
import { LogCommands } from '../logging/command.log.js';

/** Between two reports of how far it is. */
const PROGRESS_EVERY = 500;

/** Counts stored events for reports: a task that any replica of any app may be given, and another take over. */
@LogCommands()
@Injectable()
export class ActivityWorker {
  constructor(
    private readonly bus: EventBus,
    @InjectConnection() private readonly connection: MillraceConnection,
  ) {}

  // Few at once: reading goes through everything that is stored, and the app has other work to do.
  @HandleCommand(CountActivity, { durable: { concurrency: 2, ackWait: '5s' } })
  async count(command: CountActivity, @Context() task: CommandContext): Promise<ActivityCounts> {
    const [from, until] = [new Date(command.from), new Date(command.until)];
    const counts: Record<string, number> = {};
    let total = 0;
    for await (const { type, storedAt } of this.bus.read(`${command.context}.*`, {
      from,
      until,
      signal: task.signal,
    })) {
      counts[type] = (counts[type] ?? 0) + 1;
      if (++total % PROGRESS_EVERY === 0) task.progress(share(storedAt, { from, until }));
    }
    return new ActivityCounts({ counts, total, worker: this.connection.name });
  }
}

/** How much of the period has passed at a time in it. */
const share = (at: Date, { from, until }: { from: Date; until: Date }): number =>
  (at.getTime() - from.getTime()) / (until.getTime() - from.getTime());

import { Injectable } from '@nestjs/common';
import { Cron, Occurrence, type ScheduleInfo, Schedules } from '@millrace/schedule';
import { type Standing } from './report.bucket.js';
import { ReportsService } from './reports.service.js';

const DAY_MS = 86_400_000;

/** Asks every night for a report of the day that has passed, and adds how the schedules stand. */
@Injectable()
export class NightlyReporter {
  constructor(
    private readonly schedules: Schedules,
    private readonly reports: ReportsService,
  ) {}

  @Cron('0 0 2 * * *', { name: 'nightly report', misfire: 'once', overlap: 'queue' })
  async report({ scheduledFor, manual }: Occurrence): Promise<void> {
    const time = scheduledFor.toISOString();
    await this.reports.request({
      // One that somebody triggers is not the night's.
      id: manual ? time : time.slice(0, 10),
      from: new Date(scheduledFor.getTime() - DAY_MS),
      until: scheduledFor,
      schedules: await this.standing(),
    });
  }

  private async standing(): Promise<Standing> {
    const all = await this.schedules.list();
    const count = (state: ScheduleInfo['state']): number => all.filter((one) => one.state === state).length;
    return {
      active: count('active'),
      paused: count('paused'),
      completed: count('completed'),
      occurrences: all.reduce((sum, { runs }) => sum + runs, 0),
      failing: await this.failing(all),
    };
  }

  private async failing(all: readonly ScheduleInfo[]): Promise<string[]> {
    const found: string[] = [];
    for (const { name, target } of all) {
      if (target.kind !== 'handler') continue;
      const [last] = await this.schedules.history(name, { last: 1 });
      if (last?.outcome === 'dead-lettered') found.push(name);
    }
    return found;
  }
}

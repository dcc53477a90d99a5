import { Injectable } from '@nestjs/common';
import { Cron, Occurrence, type ScheduleInfo, Schedules } from '@millrace/schedule';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { NightlyReport } from './nightly-report.bucket.js';

/** Tells every night how the schedules stand. Told again for a night, it says the same under the same date. */
@Injectable()
export class NightlyReporter {
  constructor(
    private readonly schedules: Schedules,
    @InjectBucket(NightlyReport) private readonly reports: Bucket<NightlyReport>,
  ) {}

  @Cron('0 0 2 * * *', { name: 'nightly report', misfire: 'once', overlap: 'queue' })
  async report({ scheduledFor }: Occurrence): Promise<void> {
    const all = await this.schedules.list();
    const count = (state: ScheduleInfo['state']): number => all.filter((one) => one.state === state).length;
    await this.reports.put(scheduledFor.toISOString().slice(0, 10), {
      reportedAt: scheduledFor.toISOString(),
      active: count('active'),
      paused: count('paused'),
      completed: count('completed'),
      occurrences: all.reduce((sum, { runs }) => sum + runs, 0),
      failing: await this.failing(all),
    });
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

import { Injectable, NotFoundException } from '@nestjs/common';
import { type Bucket, InjectBucket, RevisionConflictError } from '@millrace/storage';
import { Report } from './report.bucket.js';

/** Reports, which several replicas may be at work on. */
@Injectable()
export class ReportStore {
  constructor(@InjectBucket(Report) private readonly reports: Bucket<Report>) {}

  /** The report itself, or the one that has its id already. */
  async createOrGet(report: Report): Promise<Report> {
    try {
      await this.reports.create(report.id, report);
      return report;
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error;
      return this.get(report.id);
    }
  }

  /** @throws NotFoundException `REPORT_UNKNOWN` */
  async get(id: string): Promise<Report> {
    const entry = await this.reports.get(id);
    if (entry) return entry.value;
    throw new NotFoundException({ code: 'REPORT_UNKNOWN', message: 'There is no such report', id });
  }

  /** Changes a report unless it is over, and says what it is then. @throws NotFoundException `REPORT_UNKNOWN` */
  async whileRunning(id: string, change: (report: Report) => Partial<Report>): Promise<Report> {
    const { value } = await this.reports.mutate(id, (report) =>
      report.state === 'running' ? Object.assign(report, change(report)) : undefined,
    );
    return value ?? this.get(id);
  }

  /** Ends a report that is running. */
  end(id: string, outcome: Partial<Report>): Promise<Report> {
    return this.whileRunning(id, () => ({ ...outcome, finishedAt: new Date().toISOString() }));
  }
}

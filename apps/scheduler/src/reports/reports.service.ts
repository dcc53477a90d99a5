import { BadRequestException, ConflictException, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CommandBus } from '@millrace/commands';
import { ErrorCode, MillraceError } from '@millrace/core';
import { type Report, type Standing } from './report.bucket.js';
import { CompileReport } from './report.commands.js';
import { type Period } from './report.parts.js';
import { ReportStore } from './report.store.js';

export interface ReportRequest extends Period {
  /** Default: a new one. Asked for twice, it is the same report. */
  id?: string;
  schedules?: Standing;
}

/** Reports of what happened: asked for, put together in the background, and kept. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly bus: CommandBus,
    private readonly reports: ReportStore,
  ) {}

  /** Resolves when it is certain that the report will be made. @throws BadRequestException `REPORT_INVALID` */
  async request({ from, until, id = randomUUID(), schedules }: ReportRequest): Promise<Report> {
    const now = new Date();
    // What is still to happen would be missing, and nobody could tell.
    const end = until < now ? until : now;
    if (from >= end)
      throw invalid('A report is of a time that has begun: from must be before until, and before now');
    const { state } = await this.reports.createOrGet({
      id,
      from: from.toISOString(),
      until: end.toISOString(),
      requestedAt: now.toISOString(),
      state: 'running',
      progress: 0,
      parts: [],
      ...(schedules ? { schedules } : {}),
    });
    if (state !== 'running') return this.reports.get(id);
    const { id: task } = await this.bus.dispatch(new CompileReport({ reportId: id }), { idempotencyKey: id });
    return this.reports.whileRunning(id, () => ({ task }));
  }

  /** @throws NotFoundException `REPORT_UNKNOWN` */
  get(id: string): Promise<Report> {
    return this.reports.get(id);
  }

  /** @throws NotFoundException `REPORT_UNKNOWN`; ConflictException `REPORT_OVER` */
  async cancel(id: string): Promise<Report> {
    await this.reports.get(id);
    const report = await this.reports.end(id, { state: 'cancelled' });
    if (report.state !== 'cancelled') throw over(report);
    // The one that puts it together first: it would take the others' end for a failure.
    for (const task of [report.task, ...report.parts]) if (task !== undefined) await this.giveUp(task);
    return report;
  }

  private async giveUp(task: string): Promise<void> {
    try {
      await this.bus.handle(task).cancel();
    } catch (error) {
      // Its result has expired: it was over long ago.
      if (!MillraceError.is(error, ErrorCode.TaskUnknown)) throw error;
    }
  }
}

const invalid = (message: string): BadRequestException =>
  new BadRequestException({ code: 'REPORT_INVALID', message });

const over = ({ id, state }: Report): ConflictException =>
  new ConflictException({ code: 'REPORT_OVER', message: `The report is ${state}`, id, state });

import { Injectable } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { CommandBus, type CommandContext, Context, HandleCommand, type TaskHandle } from '@millrace/commands';
import { type ActivityCounts } from '@millrace/contracts';
import { errorMessage, PermanentError } from '@millrace/core';
import { LogCommands } from '@millrace-apps/shared';
import { type Report } from './report.bucket.js';
import { CompiledReport, CompileReport } from './report.commands.js';
import { countsOf } from './report.parts.js';
import { ReportProgress } from './report.progress.js';
import { ReportStore } from './report.store.js';
import { sumOf } from './report.sum.js';

/** What came of the parts is wanted for as long as the report may have to be put together again. */
const KEEP_RESULTS = '1d';

type Part = TaskHandle<ActivityCounts>;

/** Puts reports together from what workers of other applications count. */
@LogCommands()
@Injectable()
export class ReportCompiler {
  constructor(
    private readonly bus: CommandBus,
    private readonly reports: ReportStore,
  ) {}

  @HandleCommand(CompileReport, { durable: { concurrency: 8, ackWait: '5s', retry: { attempts: 20 } } })
  async compile({ reportId }: CompileReport, @Context() { signal }: CommandContext): Promise<CompiledReport> {
    const parts = await this.dispatch(await this.reports.get(reportId));
    const { state } = await this.reports.whileRunning(reportId, () => ({ parts: parts.map(({ id }) => id) }));
    if (state !== 'running') {
      await cancelAll(parts);
      throw new PermanentError(`Report ${reportId} is ${state}`);
    }
    return this.gather(reportId, parts, signal);
  }

  /** The same tasks however often it is called. */
  private dispatch({ id, from, until }: Report): Promise<Part[]> {
    return Promise.all(
      countsOf({ from: new Date(from), until: new Date(until) }).map((count, at) =>
        this.bus.dispatch(count, { idempotencyKey: `${id}/${at}`, keepResult: KEEP_RESULTS }),
      ),
    );
  }

  private async gather(id: string, parts: readonly Part[], signal: AbortSignal): Promise<CompiledReport> {
    // All parts listen to it.
    setMaxListeners(0, signal);
    const progress = new ReportProgress(parts, (share) => this.tell(id, share));
    try {
      const sum = sumOf(await Promise.all(parts.map((part) => part.result({ signal }))));
      await this.reports.end(id, { state: 'done', progress: 1, ...sum });
      return new CompiledReport({ total: sum.total });
    } catch (error) {
      // It was cancelled, or is handled again elsewhere.
      if (signal.aborted) throw error;
      await cancelAll(parts);
      await this.reports.end(id, { state: 'failed', error: errorMessage(error) });
      throw new PermanentError(`Report ${id} failed: ${errorMessage(error)}`, { cause: error });
    } finally {
      progress.stop();
    }
  }

  private async tell(id: string, share: number): Promise<void> {
    // It may be handled for the second time, after a kill.
    await this.reports.whileRunning(id, ({ progress }) => ({ progress: Math.max(progress, share) }));
  }
}

const cancelAll = (parts: readonly Part[]): Promise<unknown> =>
  Promise.all(parts.map((part) => part.cancel()));

import { Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { CountActivity } from '@millrace/contracts';
import { StorageModule } from '@millrace/storage';
import { NightlyReporter } from './nightly-report.js';
import { Report } from './report.bucket.js';
import { CompileReport } from './report.commands.js';
import { ReportCompiler } from './report.compiler.js';
import { ReportsController } from './reports.controller.js';
import { ReportStore } from './report.store.js';
import { ReportsService } from './reports.service.js';

@Module({
  imports: [
    StorageModule.forFeature([Report]),
    CommandsModule.forFeature({ dispatches: [CompileReport, CountActivity] }),
  ],
  controllers: [ReportsController],
  providers: [ReportStore, ReportsService, ReportCompiler, NightlyReporter],
})
export class ReportsModule {}

import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { NightlyReport } from './nightly-report.bucket.js';
import { NightlyReporter } from './nightly-report.js';
import { ReportsController } from './reports.controller.js';

@Module({
  imports: [StorageModule.forFeature([NightlyReport])],
  controllers: [ReportsController],
  providers: [NightlyReporter],
})
export class ReportsModule {}

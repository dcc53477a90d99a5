import { Module } from '@nestjs/common';
import { REPORT_CONTEXTS } from '@millrace/contracts';
import { EventsModule } from '@millrace/events';
import { ActivityWorker } from './activity.worker.js';

/** Lets this app share the work of reports, beside a `CommandsModule`. */
@Module({
  imports: [EventsModule.forFeature({ reads: REPORT_CONTEXTS })],
  providers: [ActivityWorker],
})
export class ActivityModule {}

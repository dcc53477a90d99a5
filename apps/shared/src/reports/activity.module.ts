import { Module } from '@nestjs/common';
import { ActivityWorker } from './activity.worker.js';

/** Lets this app share the work of reports, beside a `CommandsModule`. */
@Module({ providers: [ActivityWorker] })
export class ActivityModule {}

import { bootstrap } from '@millrace-apps/shared';
import { AppModule } from './app.module.js';
import { SchedulerConfig } from './scheduler.config.js';

await bootstrap(AppModule, SchedulerConfig);

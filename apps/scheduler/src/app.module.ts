import { DynamicModule, Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { ReminderDue, ScheduleDue, TimerTicked } from '@millrace/contracts';
import { NatsModule } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { LocksModule } from '@millrace/locks';
import { ScheduleModule } from '@millrace/schedule';
import { StorageModule } from '@millrace/storage';
import {
  AuditModule,
  ConfigModule,
  EventLogModule,
  HealthModule,
  eventsOptions,
  natsOptions,
  provisioning,
} from '@millrace-apps/shared';
import { SchedulerConfig } from './scheduler.config.js';
import { RemindersModule } from './reminders/reminders.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { StressModule } from './stress/stress.module.js';
import { TimerModule } from './timer/timer.module.js';

@Module({
  imports: [
    TimerModule,
    SchedulesModule,
    RemindersModule,
    ReportsModule,
    StressModule,
    HealthModule,
    AuditModule,
    EventLogModule,
  ],
})
export class AppModule {
  static forRoot(config: SchedulerConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        NatsModule.forRoot(natsOptions(config)),
        EventsModule.forRoot({
          ...eventsOptions(config),
          publishes: [{ event: ReminderDue, delayed: true }],
        }),
        StorageModule.forRoot(provisioning(config)),
        CommandsModule.forRoot(provisioning(config)),
        // Without `lock.*` events: nobody here subscribes to them.
        LocksModule.forRoot({ ...provisioning(config), events: false }),
        ScheduleModule.forRoot({ ...provisioning(config), publishes: [TimerTicked, ScheduleDue] }),
      ],
    };
  }
}

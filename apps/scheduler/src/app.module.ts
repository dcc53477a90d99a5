import { DynamicModule, Module } from '@nestjs/common';
import { NatsModule } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { AuditModule, ConfigModule, HealthModule, natsOptions } from '@millrace-apps/shared';
import { SchedulerConfig } from './scheduler.config.js';
import { TimerModule } from './timer/timer.module.js';

@Module({ imports: [TimerModule, HealthModule, AuditModule] })
export class AppModule {
  static forRoot(config: SchedulerConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        NatsModule.forRoot(natsOptions(config)),
        EventsModule.forRoot(),
      ],
    };
  }
}

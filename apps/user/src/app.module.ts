import { DynamicModule, Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { LocksModule } from '@millrace/locks';
import { StorageModule } from '@millrace/storage';
import {
  ActivityModule,
  AuditModule,
  ConfigModule,
  EventLogModule,
  HealthModule,
  eventsOptions,
  natsOptions,
  provisioning,
} from '@millrace-apps/shared';
import { NotificationsModule } from './notifications/notifications.module.js';
import { ValuesModule } from './storage/values.module.js';
import { UserConfig } from './user.config.js';
import { UsersModule } from './users/users.module.js';

@Module({
  imports: [
    UsersModule,
    NotificationsModule,
    ValuesModule,
    HealthModule,
    AuditModule,
    EventLogModule,
    ActivityModule,
  ],
})
export class AppModule {
  static forRoot(config: UserConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        NatsModule.forRoot(natsOptions(config)),
        // Its events are committed with what they tell of; it asks nobody for anything.
        EventsModule.forRoot({ ...eventsOptions(config), publishes: [] }),
        StorageModule.forRoot(provisioning(config)),
        CommandsModule.forRoot({
          ...provisioning(config),
          sends: [],
          service: { description: 'Registers users and tells of them.' },
        }),
        // Acquire and release are events (`lock.*`), for whoever wants to know.
        LocksModule.forRoot({ ...provisioning(config), defaults: { wait: config.LOCK_WAIT } }),
      ],
    };
  }
}

import { DynamicModule, Module } from '@nestjs/common';
import { NatsModule } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { AuditModule, HealthModule, natsOptions } from '@millrace-apps/shared';
import { NotificationsModule } from './notifications/notifications.module.js';
import { UserConfig } from './user.config.js';
import { UsersModule } from './users/users.module.js';

@Module({ imports: [UsersModule, NotificationsModule, HealthModule, AuditModule] })
export class AppModule {
  static forRoot(config: UserConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [NatsModule.forRoot(natsOptions(config)), EventsModule.forRoot()],
    };
  }
}

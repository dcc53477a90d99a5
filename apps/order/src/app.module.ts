import { DynamicModule, Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { StorageModule } from '@millrace/storage';
import {
  ActivityModule,
  AuditModule,
  ConfigModule,
  EventLogModule,
  HealthModule,
  natsOptions,
  provisioning,
} from '@millrace-apps/shared';
import { CustomersModule } from './customers/customers.module.js';
import { OrderConfig } from './order.config.js';
import { OrdersModule } from './orders/orders.module.js';

@Module({
  imports: [CustomersModule, OrdersModule, HealthModule, AuditModule, EventLogModule, ActivityModule],
})
export class AppModule {
  static forRoot(config: OrderConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        NatsModule.forRoot(natsOptions(config)),
        EventsModule.forRoot(provisioning(config)),
        StorageModule.forRoot(provisioning(config)),
        CommandsModule.forRoot(provisioning(config)),
      ],
    };
  }
}

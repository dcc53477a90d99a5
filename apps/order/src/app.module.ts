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
  eventsOptions,
  natsOptions,
  provisioning,
} from '@millrace-apps/shared';
import { FulfilmentModule } from './fulfilment/fulfilment.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { OrderConfig } from './order.config.js';
import { OrdersModule } from './orders/orders.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { ShipmentsModule } from './shipments/shipments.module.js';
import { StockModule } from './stock/stock.module.js';

@Module({
  imports: [
    OrdersModule,
    IntakeModule,
    FulfilmentModule,
    PaymentsModule,
    StockModule,
    ShipmentsModule,
    HealthModule,
    AuditModule,
    EventLogModule,
    ActivityModule,
  ],
})
export class AppModule {
  static forRoot(config: OrderConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        NatsModule.forRoot(natsOptions(config)),
        EventsModule.forRoot(eventsOptions(config)),
        StorageModule.forRoot(provisioning(config)),
        CommandsModule.forRoot({ ...provisioning(config), service: { description: 'Takes orders.' } }),
      ],
    };
  }
}

import { Module } from '@nestjs/common';
import { ListsModule } from '../lists/lists.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { UsersModule } from '../users/users.module.js';
import { DeparturesService } from './departures.service.js';
import { IntakeCommands } from './intake.commands.js';
import { IntakeSubscriber } from './intake.subscriber.js';

@Module({
  imports: [OrdersModule, ListsModule, UsersModule],
  providers: [DeparturesService, IntakeSubscriber, IntakeCommands],
})
export class IntakeModule {}

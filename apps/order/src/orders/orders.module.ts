import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { ListsModule } from '../lists/lists.module.js';
import { UsersModule } from '../users/users.module.js';
import { OrderDesk } from './order.desk.js';
import { OrderStreams } from './order.streams.js';
import { OrderTransitionsController } from './order.transitions.controller.js';
import { Order } from './orders.bucket.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [StorageModule.forFeature([Order]), ListsModule, UsersModule],
  controllers: [OrdersController, OrderTransitionsController],
  providers: [OrdersService, OrderDesk, OrderStreams],
  exports: [OrdersService, OrderDesk],
})
export class OrdersModule {}

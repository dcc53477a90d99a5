import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { CustomersModule } from '../customers/customers.module.js';
import { ListsModule } from '../lists/lists.module.js';
import { OrderDesk } from './order.desk.js';
import { OrderTransitionsController } from './order.transitions.controller.js';
import { Order } from './orders.bucket.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [StorageModule.forFeature([Order]), CustomersModule, ListsModule],
  controllers: [OrdersController, OrderTransitionsController],
  providers: [OrdersService, OrderDesk],
  exports: [OrdersService],
})
export class OrdersModule {}

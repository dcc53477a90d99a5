import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { CustomersModule } from '../customers/customers.module.js';
import { OrderList } from './order-lists.bucket.js';
import { OrderListsService } from './order-lists.service.js';
import { Order } from './orders.bucket.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { OrdersSubscriber } from './orders.subscriber.js';

@Module({
  imports: [StorageModule.forFeature([Order, OrderList]), CustomersModule],
  controllers: [OrdersController],
  providers: [OrdersService, OrderListsService, OrdersSubscriber],
})
export class OrdersModule {}

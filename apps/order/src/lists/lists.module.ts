import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { OrderIndex } from './order-index.js';
import { OrderList } from './order-lists.bucket.js';
import { OrderLists } from './order-lists.js';
import { OrderDaysSubscriber } from './order-days.subscriber.js';

@Module({
  imports: [StorageModule.forFeature([OrderList])],
  providers: [OrderLists, OrderIndex, OrderDaysSubscriber],
  exports: [OrderIndex],
})
export class ListsModule {}

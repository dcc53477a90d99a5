import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { OrderIndex } from './order-index.js';
import { OrderList } from './order-lists.bucket.js';
import { OrderLists } from './order-lists.js';
import { OrderListsSubscriber } from './order-lists.subscriber.js';

@Module({
  imports: [StorageModule.forFeature([OrderList])],
  providers: [OrderLists, OrderIndex, OrderListsSubscriber],
  exports: [OrderIndex],
})
export class ListsModule {}

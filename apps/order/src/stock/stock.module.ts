import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { StockRecord } from './stock.bucket.js';
import { StockController } from './stock.controller.js';
import { StockService } from './stock.service.js';
import { StockSubscriber } from './stock.subscriber.js';

@Module({
  imports: [StorageModule.forFeature([StockRecord])],
  controllers: [StockController],
  providers: [StockService, StockSubscriber],
})
export class StockModule {}

import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { Customer } from './customers.bucket.js';
import { CustomersService } from './customers.service.js';
import { CustomersSubscriber } from './customers.subscriber.js';

@Module({
  imports: [StorageModule.forFeature([Customer])],
  providers: [CustomersService, CustomersSubscriber],
  exports: [CustomersService],
})
export class CustomersModule {}

import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { StorageController } from './storage.controller.js';
import { StoredValue } from './values.bucket.js';
import { ValuesService } from './values.service.js';

@Module({
  imports: [StorageModule.forFeature([StoredValue])],
  controllers: [StorageController],
  providers: [ValuesService],
})
export class ValuesModule {}

import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { UsersModule } from '../users/users.module.js';
import { Inbox } from './notifications.bucket.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsService } from './notifications.service.js';
import { NotificationsSubscriber } from './notifications.subscriber.js';

@Module({
  imports: [StorageModule.forFeature([Inbox]), UsersModule],
  controllers: [NotificationsController],
  providers: [NotificationsService, NotificationsSubscriber],
})
export class NotificationsModule {}

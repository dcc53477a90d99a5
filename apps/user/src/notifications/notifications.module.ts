import { Module } from '@nestjs/common';
import { EventStreams } from '@millrace-apps/shared';
import { StorageModule } from '@millrace/storage';
import { UsersModule } from '../users/users.module.js';
import { ChannelsModule } from './channels/channels.module.js';
import { ConsoleChannel } from './channels/console.channel.js';
import { Inbox } from './inbox/inbox.bucket.js';
import { InboxController } from './inbox/inbox.controller.js';
import { InboxService } from './inbox/inbox.service.js';
import { NotificationsService } from './notifications.service.js';
import { NotificationsSubscriber } from './notifications.subscriber.js';
import { Preferences } from './preferences/preferences.bucket.js';
import { PreferencesController } from './preferences/preferences.controller.js';
import { PreferencesService } from './preferences/preferences.service.js';
import { WebhookModule } from './webhook/webhook.module.js';

/** The notification centre: inboxes, preferences, and channels. */
@Module({
  imports: [StorageModule.forFeature([Inbox, Preferences]), UsersModule, ChannelsModule, WebhookModule],
  controllers: [InboxController, PreferencesController],
  providers: [
    NotificationsService,
    NotificationsSubscriber,
    InboxService,
    PreferencesService,
    ConsoleChannel,
    EventStreams,
  ],
})
export class NotificationsModule {}

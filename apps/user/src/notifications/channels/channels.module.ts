import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { Preferences } from '../preferences/preferences.bucket.js';
import { Channels } from './channels.js';

/** Imported by every module that has a channel. */
@Module({
  imports: [StorageModule.forFeature([Preferences])],
  providers: [Channels],
  exports: [Channels],
})
export class ChannelsModule {}

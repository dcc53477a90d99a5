import { Module } from '@nestjs/common';
import { StorageModule } from '@millrace/storage';
import { TimerSubscriber } from './timer.subscriber.js';
import { UserRecord } from './users.bucket.js';
import { EmailKeys } from './users.keys.js';
import { UsersCommands } from './users.commands.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [StorageModule.forFeature([UserRecord])],
  controllers: [UsersController],
  providers: [UsersService, EmailKeys, UsersCommands, TimerSubscriber],
  exports: [UsersService],
})
export class UsersModule {}

import { Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { FindUser } from '@millrace/contracts';
import { UsersClient } from './users.client.js';

@Module({
  imports: [CommandsModule.forFeature({ sends: [FindUser] })],
  providers: [UsersClient],
  exports: [UsersClient],
})
export class UsersModule {}

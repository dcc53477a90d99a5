import { Injectable } from '@nestjs/common';
import { HandleCommand } from '@millrace/commands';
import { FindUser, RegisterUser, UnregisteredUser, UnregisterUser, UserSummary } from '@millrace/contracts';
import { LogCommands } from '@millrace-apps/shared';
import { User } from './users.bucket.js';
import { UsersService } from './users.service.js';

/** The same as over HTTP, for other services: what is refused there is refused here with the same code. */
@LogCommands()
@Injectable()
export class UsersCommands {
  constructor(private readonly users: UsersService) {}

  @HandleCommand(RegisterUser)
  async register({ userId, name, email }: RegisterUser): Promise<UserSummary> {
    return summaryOf(await this.users.register({ id: userId, name, email }));
  }

  @HandleCommand(UnregisterUser)
  async unregister({ userId }: UnregisterUser): Promise<UnregisteredUser> {
    return new UnregisteredUser({ userId, unregisteredAt: await this.users.unregister(userId) });
  }

  @HandleCommand(FindUser)
  async find({ userId }: FindUser): Promise<UserSummary> {
    return summaryOf(await this.users.get(userId));
  }
}

const summaryOf = ({ id, updatedAt: _untold, ...fields }: User): UserSummary =>
  new UserSummary({ userId: id, ...fields });

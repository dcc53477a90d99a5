import { HttpException, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { CommandBus } from '@millrace/commands';
import { FindUser, type UserSummary } from '@millrace/contracts';
import { ErrorCode, MillraceError } from '@millrace/core';
import { OrderConfig } from '../order.config.js';

/** The user app, whose storage is its own: who may order is asked there. */
@Injectable()
export class UsersClient {
  constructor(
    private readonly commands: CommandBus,
    private readonly config: OrderConfig,
  ) {}

  /**
   * @throws HttpException 404 `USER_UNKNOWN` for a user who is not registered
   * @throws ServiceUnavailableException `USERS_UNAVAILABLE` while nobody answers
   */
  async find(userId: string): Promise<UserSummary> {
    try {
      return await this.commands.execute(new FindUser({ userId }), { timeout: this.config.PUBLISH_DEADLINE });
    } catch (error) {
      throw isSilence(error) ? usersUnavailable(error) : error;
    }
  }

  /** Since when a user is registered; `undefined` for one who is not. Throws as {@link find} where nobody answers. */
  async registeredAt(userId: string): Promise<string | undefined> {
    try {
      return (await this.find(userId)).registeredAt;
    } catch (error) {
      if (isUnknown(error)) return undefined;
      throw error;
    }
  }
}

const NOT_FOUND = 404;

// As the user app refused: over the wire it comes as the class that all HTTP errors have in common.
const isUnknown = (error: unknown): boolean =>
  error instanceof HttpException && error.getStatus() === NOT_FOUND;

const isSilence = (error: unknown): boolean =>
  MillraceError.is(error, ErrorCode.CommandNoHandler) ||
  MillraceError.is(error, ErrorCode.CommandTimeout) ||
  MillraceError.is(error, ErrorCode.CommandOverloaded);

const usersUnavailable = (cause: unknown): ServiceUnavailableException =>
  new ServiceUnavailableException(
    {
      code: 'USERS_UNAVAILABLE',
      message: 'Nobody can say at the moment whether the user is registered; try again',
    },
    { cause },
  );

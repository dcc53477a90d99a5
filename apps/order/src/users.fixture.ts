import { type INestApplicationContext, Injectable, Module, NotFoundException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandsModule, HandleCommand } from '@millrace/commands';
import { FindUser, UserSummary, UserUnregistered } from '@millrace/contracts';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';
import { type NatsServer } from '@millrace/nats-server';
import { natsOptions } from '@millrace-apps/shared';
import { testConfig } from '@millrace-apps/shared/testing';
import { OrderConfig } from './order.config.js';

/** Who is registered; in place of the user app. */
@Injectable()
export class FakeUsers {
  /** What happens when an answer is ready, and not yet sent. */
  beforeAnswer: (userId: string) => Promise<void> = () => Promise.resolve();
  private readonly since = new Map<string, string>();

  constructor(
    readonly bus: EventBus,
    readonly commands: CommandBus,
  ) {}

  register(userId: string): void {
    this.since.set(userId, new Date().toISOString());
  }

  async unregister(userId: string): Promise<void> {
    this.since.delete(userId);
    await this.bus.publish(new UserUnregistered({ userId, unregisteredAt: new Date().toISOString() }));
  }

  @HandleCommand(FindUser)
  async find({ userId }: FindUser): Promise<UserSummary> {
    const registeredAt = this.since.get(userId);
    await this.beforeAnswer(userId);
    if (registeredAt !== undefined)
      return new UserSummary({ userId, name: 'Ada', origin: 'api', registeredAt });
    throw new NotFoundException({
      code: 'USER_UNKNOWN',
      message: 'No user with this id is registered',
      userId,
    });
  }
}

@Module({ providers: [FakeUsers] })
class FakeUsersModule {}

/** The commands of the user app, and a bus that publishes whatever a test wants. */
export const startFakeUsers = async (
  server: NatsServer,
): Promise<{ users: FakeUsers; app: INestApplicationContext }> => {
  const config = Object.assign(testConfig(OrderConfig, server), { app: 'user' });
  const imports = [NatsModule.forRoot(natsOptions(config)), EventsModule.forRoot(), CommandsModule.forRoot()];
  const app = await NestFactory.createApplicationContext(
    { module: FakeUsersModule, imports },
    { logger: false, abortOnError: false },
  );
  return { users: app.get(FakeUsers), app };
};

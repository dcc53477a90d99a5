import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandsModule } from '@millrace/commands';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';
import { type NatsServer } from '@millrace/nats-server';
import { EncryptingConfig, natsOptions } from '@millrace-apps/shared';

// With the keys that all apps have where none are set.
class OutsideConfig extends EncryptingConfig {
  readonly app = 'outside';
}

/** What is not the app under test: other applications, which publish what they like and send what they like. */
export interface Outside {
  readonly events: EventBus;
  readonly commands: CommandBus;
  stop(): Promise<void>;
}

export const startOutside = async (server: NatsServer): Promise<Outside> => {
  @Module({
    imports: [
      NatsModule.forRoot(natsOptions(Object.assign(new OutsideConfig(), { NATS_URL: server.url }))),
      EventsModule.forRoot({ deadLetters: { advisories: false } }),
      CommandsModule.forRoot(),
    ],
  })
  class OutsideModule {}
  const app = await NestFactory.createApplicationContext(OutsideModule, { logger: false });
  return { events: app.get(EventBus), commands: app.get(CommandBus), stop: () => app.close() };
};

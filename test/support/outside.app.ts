import { INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandsModule } from '@millrace/commands';
import { environmentKeys, NatsModule, NatsModuleOptions } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { LocksModule } from '@millrace/locks';

/** An application of somebody else's: on the same NATS, in the test's own process. */
export type OutsideApp = INestApplicationContext;

/** How it gets in: an address, or more, and keys for what is personal. */
export type OutsideOptions = Omit<Partial<NatsModuleOptions>, 'encryption'> & {
  servers: string;
  encryptionKeys?: string;
};

export const startOutsideApp = ({ encryptionKeys, ...connection }: OutsideOptions): Promise<OutsideApp> => {
  const encryption =
    encryptionKeys === undefined
      ? {}
      : { encryption: { keys: environmentKeys('KEYS', { KEYS: encryptionKeys }) } };
  @Module({
    imports: [
      NatsModule.forRoot({ name: 'outside', ...connection, ...encryption }),
      EventsModule.forRoot({ deadLetters: { advisories: false } }),
      CommandsModule.forRoot(),
      LocksModule.forRoot(),
    ],
  })
  class OutsideModule {}
  return NestFactory.createApplicationContext(OutsideModule, { logger: false });
};

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { eventStreamDeclaration, getConnectionToken, MillraceConnection, NatsModule } from '@millrace/core';
import { EventBus, EventsModule } from '@millrace/events';
import { TransportOptions } from './transport.options.js';

/** A connection and what works on it, for a strategy or a client: neither has an injector of its own. */
export interface TransportEngine {
  readonly connection: MillraceConnection;
  readonly bus: EventBus;
  /** Makes sure of the stream of a context, as the options have it. @throws MillraceError `PROVISION_…` */
  readonly ensureContext: (context: string) => Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, in a Nest context of its own: the same modules that an application imports, started and stopped in
 * the same order.
 * @throws MillraceError `CONNECTION_…`, `CONFIG_INVALID`, `SERVER_TOO_OLD`
 */
export const openEngine = async ({ events = {}, ...nats }: TransportOptions): Promise<TransportEngine> => {
  @Module({ imports: [NatsModule.forRoot(nats), EventsModule.forRoot(events)] })
  class TransportModule {}
  const context = await NestFactory.createApplicationContext(TransportModule, { abortOnError: false });
  const connection = context.get<MillraceConnection>(getConnectionToken());
  const { provision = 'create', contexts = {} } = events;
  return {
    connection,
    ensureContext: (name) => {
      const settings = { ...contexts['*'], ...contexts[name] };
      return connection.streams.ensureOnce(eventStreamDeclaration(name, settings), provision);
    },
    bus: context.get(EventBus),
    close: () => context.close(),
  };
};

import { Provider } from '@nestjs/common';
import { ContractRegistry, getConnectionToken, MillraceConnection, toMillis } from '@millrace/core';
import { DeadLetters, Groups } from '@millrace/delivery';
import { EventBus } from './event.bus.js';
import { EVENTS_OPTIONS } from './events.module-definition.js';
import { EventsModuleOptions } from './events.options.js';
import { ContextProvisioner } from './provisioning/context.provisioner.js';
import { EventPublisher } from './publishing/event.publisher.js';
import { EventRouter } from './routing/event.router.js';
import { EventsPlugins } from './routing/events.plugins.js';
import { Receiver } from './routing/receiver.js';

const CONNECTION = Symbol.for('@millrace/events:connection');

/** Composes the engine: plain classes, put together by hand so that they know no Nest. */
export const eventsProviders = (connection?: string): Provider[] => [
  { provide: CONNECTION, useExisting: getConnectionToken(connection) },
  ContractRegistry,
  {
    provide: EventsPlugins,
    inject: [EVENTS_OPTIONS],
    useFactory: (options: EventsModuleOptions) => {
      const plugins = new EventsPlugins();
      plugins.add(options);
      return plugins;
    },
  },
  {
    provide: ContextProvisioner,
    inject: [CONNECTION, EVENTS_OPTIONS],
    useFactory: (connected: MillraceConnection, options: EventsModuleOptions) =>
      new ContextProvisioner(connected, {
        mode: options.provision ?? 'create',
        contexts: options.contexts ?? {},
        deadLetters: options.deadLetters ?? {},
        inbox: options.inbox ?? {},
      }),
  },
  {
    provide: EventRouter,
    inject: [CONNECTION, EVENTS_OPTIONS, ContractRegistry, ContextProvisioner, EventsPlugins],
    useFactory: (
      connected: MillraceConnection,
      options: EventsModuleOptions,
      registry: ContractRegistry,
      contexts: ContextProvisioner,
      plugins: EventsPlugins,
    ) =>
      new EventRouter({
        connection: connected,
        registry,
        contexts,
        plugins,
        defaults: options.defaults ?? {},
        shutdownTimeoutMs: toMillis(options.shutdownTimeout ?? '10s', 'shutdownTimeout'),
      }),
  },
  {
    provide: Receiver,
    inject: [CONNECTION, ContractRegistry, ContextProvisioner, EventRouter],
    useFactory: (
      connected: MillraceConnection,
      registry: ContractRegistry,
      contexts: ContextProvisioner,
      { deadLetters }: EventRouter,
    ) => new Receiver({ connection: connected, registry, contexts, deadLetters: deadLetters.writer }),
  },
  {
    provide: EventBus,
    inject: [CONNECTION, ContractRegistry, ContextProvisioner, EventRouter, Receiver, EventsPlugins],
    useFactory: (
      connected: MillraceConnection,
      registry: ContractRegistry,
      contexts: ContextProvisioner,
      router: EventRouter,
      receiver: Receiver,
      plugins: EventsPlugins,
    ) =>
      new EventBus({
        connection: connected,
        registry,
        publisher: new EventPublisher(connected, contexts),
        router,
        receiver,
        plugins,
      }),
  },
  {
    provide: DeadLetters,
    inject: [CONNECTION],
    useFactory: (connected: MillraceConnection) => new DeadLetters(connected),
  },
  {
    provide: Groups,
    inject: [CONNECTION],
    useFactory: (connected: MillraceConnection) => new Groups(connected),
  },
];

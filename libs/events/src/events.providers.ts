import { Provider } from '@nestjs/common';
import {
  ContractRegistry,
  getConnectionToken,
  MillraceConnection,
  replicated,
  toMillis,
  withDefaultReplicas,
} from '@millrace/core';
import { DeadLetters, Groups } from '@millrace/delivery';
import { EventBus } from './event.bus.js';
import { EVENTS_OPTIONS } from './events.module-definition.js';
import { EventsModuleOptions } from './events.options.js';
import { ContextProvisioner } from './provisioning/context.provisioner.js';
import { EventPublisher } from './publishing/event.publisher.js';
import { Publications } from './publishing/publications.js';
import { Readings } from './reading/readings.js';
import { EventReader } from './reading/event.reader.js';
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
    provide: Publications,
    inject: [EVENTS_OPTIONS],
    useFactory: ({ publishes }: EventsModuleOptions) => {
      const publications = new Publications();
      if (publishes) publications.declare(publishes);
      return publications;
    },
  },
  {
    provide: Readings,
    inject: [EVENTS_OPTIONS],
    useFactory: ({ reads }: EventsModuleOptions) => {
      const readings = new Readings();
      if (reads) readings.declare(reads);
      return readings;
    },
  },
  {
    provide: EventReader,
    inject: [CONNECTION, ContractRegistry, Readings],
    useFactory: (connected: MillraceConnection, registry: ContractRegistry, readings: Readings) =>
      new EventReader({ connection: connected, registry, readings }),
  },
  {
    provide: EventPublisher,
    inject: [CONNECTION, ContextProvisioner],
    useFactory: (connected: MillraceConnection, contexts: ContextProvisioner) =>
      new EventPublisher(connected, contexts),
  },
  {
    provide: ContextProvisioner,
    inject: [CONNECTION, EVENTS_OPTIONS],
    useFactory: (connected: MillraceConnection, options: EventsModuleOptions) =>
      new ContextProvisioner(connected, {
        mode: options.provision ?? 'create',
        contexts: withDefaultReplicas(options.contexts, options.replicas),
        deadLetters: { ...replicated(options.replicas), ...options.deadLetters },
        inbox: { ...replicated(options.replicas), ...options.inbox },
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
    inject: [
      CONNECTION,
      ContractRegistry,
      EventPublisher,
      EventRouter,
      Receiver,
      EventsPlugins,
      Publications,
      EventReader,
    ],
    useFactory: (
      connected: MillraceConnection,
      registry: ContractRegistry,
      publisher: EventPublisher,
      router: EventRouter,
      receiver: Receiver,
      plugins: EventsPlugins,
      publications: Publications,
      reader: EventReader,
    ) =>
      new EventBus({
        connection: connected,
        registry,
        publisher,
        publications,
        router,
        receiver,
        reader,
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

import { DynamicModule, FactoryProvider, Module, ModuleMetadata } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ContractRegistry, LifecycleModule } from '@millrace/core';
import { DeadLetters, Groups } from '@millrace/delivery';
import { EventBus } from './event.bus.js';
import { EventsFeatureModule } from './events.feature.module.js';
import { ConfigurableModuleClass, EventsModuleExtras } from './events.module-definition.js';
import { EventsFeatureOptions } from './events.options.js';
import { eventsProviders } from './events.providers.js';
import { Publications } from './publishing/publications.js';
import { Readings } from './reading/readings.js';
import { EventsPlugins } from './routing/events.plugins.js';
import { SubscriberExplorer } from './subscriber.explorer.js';
import { SubscriptionOrchestrator } from './subscription.orchestrator.js';

export interface EventsFeatureAsyncOptions
  extends
    Pick<ModuleMetadata, 'imports'>,
    Pick<FactoryProvider<EventsFeatureOptions>, 'inject' | 'useFactory'> {}

/**
 * Events for the application: `EventsModule.forRoot(options)` or `forRootAsync` once, beside a `NatsModule`;
 * `forFeature` in any module that adds middlewares or events.
 */
@Module({})
export class EventsModule extends ConfigurableModuleClass {
  static override forRoot(
    options: Parameters<typeof ConfigurableModuleClass.forRoot>[0] = {},
  ): DynamicModule {
    return complete(super.forRoot(options), options.connection);
  }

  static override forRootAsync(
    options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0],
  ): DynamicModule {
    return complete(super.forRootAsync(options), options.connection);
  }

  /** Adds middlewares around every handler and every publish, and makes event classes known. */
  static forFeature(options: EventsFeatureOptions): DynamicModule {
    return EventsModule.forFeatureAsync({ useFactory: () => options });
  }

  /** {@link forFeature} from a factory, for middlewares that need providers. */
  static forFeatureAsync({
    imports = [],
    inject = [],
    useFactory,
  }: EventsFeatureAsyncOptions): DynamicModule {
    const feature: FactoryProvider = {
      provide: Symbol('@millrace/events:feature'),
      inject: [EventsPlugins, ContractRegistry, Publications, Readings, ...inject],
      useFactory: async (
        plugins: EventsPlugins,
        registry: ContractRegistry,
        publications: Publications,
        readings: Readings,
        ...dependencies: unknown[]
      ) => {
        const options = await useFactory(...dependencies);
        plugins.add(options);
        if (options.publishes) publications.declare(options.publishes);
        if (options.reads) readings.declare(options.reads);
        for (const event of options.events ?? []) registry.register(event);
        return options;
      },
    };
    return { module: EventsFeatureModule, imports, providers: [feature] };
  }
}

const complete = (
  definition: DynamicModule,
  connection: EventsModuleExtras['connection'],
): DynamicModule => ({
  ...definition,
  global: true,
  imports: [...(definition.imports ?? []), DiscoveryModule, LifecycleModule],
  providers: [
    ...(definition.providers ?? []),
    ...eventsProviders(connection),
    SubscriberExplorer,
    SubscriptionOrchestrator,
  ],
  exports: [EventBus, DeadLetters, Groups, EventsPlugins, ContractRegistry, Publications, Readings],
});

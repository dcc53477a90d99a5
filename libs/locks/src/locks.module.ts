import { DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { LifecycleModule } from '@millrace/core';
import { LeaderService } from './leader/leader.service.js';
import { LockService } from './lock.service.js';
import { LocksExplorer } from './locks.explorer.js';
import { ConfigurableModuleClass, LocksModuleExtras } from './locks.module-definition.js';
import { LocksOrchestrator } from './locks.orchestrator.js';
import { locksProviders } from './locks.providers.js';

/**
 * Locks for the application: `LocksModule.forRoot(options)` or `forRootAsync` once, beside a `NatsModule`, and
 * beside an `EventsModule` where `lock.*` events are wanted. Every module may inject what it exports.
 */
@Module({})
export class LocksModule extends ConfigurableModuleClass {
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
}

const complete = (definition: DynamicModule, connection: LocksModuleExtras['connection']): DynamicModule => ({
  ...definition,
  global: true,
  imports: [...(definition.imports ?? []), DiscoveryModule, LifecycleModule],
  providers: [
    ...(definition.providers ?? []),
    ...locksProviders(connection),
    LocksExplorer,
    LocksOrchestrator,
  ],
  exports: [LockService, LeaderService],
});

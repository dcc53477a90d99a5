import { DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { LifecycleModule } from '@millrace/core';
import { ScheduleExplorer } from './schedule.explorer.js';
import { ConfigurableModuleClass, ScheduleModuleExtras } from './schedule.module-definition.js';
import { ScheduleOrchestrator } from './schedule.orchestrator.js';
import { scheduleProviders } from './schedule.providers.js';
import { Schedules } from './schedules.js';

/**
 * Schedules for the application: `ScheduleModule.forRoot(options)` or `forRootAsync` once, beside a `NatsModule`
 * and a `LocksModule`. Every module may inject what it exports.
 */
@Module({})
export class ScheduleModule extends ConfigurableModuleClass {
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

const complete = (
  definition: DynamicModule,
  connection: ScheduleModuleExtras['connection'],
): DynamicModule => ({
  ...definition,
  global: true,
  imports: [...(definition.imports ?? []), DiscoveryModule, LifecycleModule],
  providers: [
    ...(definition.providers ?? []),
    ...scheduleProviders(connection),
    ScheduleExplorer,
    ScheduleOrchestrator,
  ],
  exports: [Schedules],
});

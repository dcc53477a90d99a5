import { DynamicModule, FactoryProvider, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { LifecycleModule } from '@millrace/core';
import { CommandDeclarations, Sendings } from './calling/sendings.js';
import { CommandBus } from './command.bus.js';
import { CommandExplorer } from './command.explorer.js';
import { CommandOrchestrator } from './command.orchestrator.js';
import { CommandsFeatureModule } from './commands.feature.module.js';
import { CommandsModuleExtras, ConfigurableModuleClass } from './commands.module-definition.js';
import { commandsProviders } from './commands.providers.js';

/** Commands for the application: `CommandsModule.forRoot(options)` or `forRootAsync` once, beside a `NatsModule`. */
@Module({})
export class CommandsModule extends ConfigurableModuleClass {
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

  /** Says which commands a module sends. */
  static forFeature(declarations: CommandDeclarations): DynamicModule {
    const feature: FactoryProvider = {
      provide: Symbol('@millrace/commands:feature'),
      inject: [Sendings],
      useFactory: (sendings: Sendings) => sendings.declare(declarations),
    };
    return { module: CommandsFeatureModule, providers: [feature] };
  }
}

const complete = (
  definition: DynamicModule,
  connection: CommandsModuleExtras['connection'],
): DynamicModule => ({
  ...definition,
  global: true,
  imports: [...(definition.imports ?? []), DiscoveryModule, LifecycleModule],
  providers: [
    ...(definition.providers ?? []),
    ...commandsProviders(connection),
    CommandExplorer,
    CommandOrchestrator,
  ],
  exports: [CommandBus, Sendings],
});

import { ConfigurableModuleBuilder } from '@nestjs/common';
import { CommandsModuleOptions } from './commands.options.js';

export interface CommandsModuleExtras {
  /** Which connection carries the commands, where an application has several. */
  connection?: string;
}

export const COMMANDS_OPTIONS = Symbol.for('@millrace/commands:options');

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<CommandsModuleOptions>({
  optionsInjectionToken: COMMANDS_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<CommandsModuleExtras>({}, (definition) => definition)
  .build();

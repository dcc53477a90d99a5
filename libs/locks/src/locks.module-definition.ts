import { ConfigurableModuleBuilder } from '@nestjs/common';
import { LocksModuleOptions } from './lock.options.js';

export interface LocksModuleExtras {
  /** Which connection carries the leases, where an application has several. */
  connection?: string;
}

export const LOCKS_OPTIONS = Symbol.for('@millrace/locks:options');

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<LocksModuleOptions>({
  optionsInjectionToken: LOCKS_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<LocksModuleExtras>({}, (definition) => definition)
  .build();

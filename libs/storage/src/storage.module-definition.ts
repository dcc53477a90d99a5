import { ConfigurableModuleBuilder } from '@nestjs/common';
import { ContextSettings, ProvisionMode } from '@millrace/core';

/** What holds for every bucket of the application. All of it is optional, and so is `forRoot` itself. */
export interface StorageModuleOptions {
  /** `create` makes streams agree with the code; `bind` only checks that they do. Default `create`. */
  provision?: ProvisionMode;
  /** How the event streams are kept that buckets feed, by context. What is not said is left as it is. */
  contexts?: Readonly<Record<string, ContextSettings>>;
}

export const STORAGE_OPTIONS = Symbol.for('@millrace/storage:options');

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<StorageModuleOptions>({
  optionsInjectionToken: STORAGE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({
    ...definition,
    global: true,
    exports: [...(definition.exports ?? []), STORAGE_OPTIONS],
  }))
  .build();

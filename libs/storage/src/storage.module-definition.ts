import { ConfigurableModuleBuilder } from '@nestjs/common';
import { ContextSettings, Duration, ProvisionMode } from '@millrace/core';
import { DeadLetterSettings } from '@millrace/delivery';

/** What holds for every bucket of the application. All of it is optional, and so is `forRoot` itself. */
export interface StorageModuleOptions {
  /** `create` makes streams agree with the code; `bind` only checks that they do. Default `create`. */
  provision?: ProvisionMode;
  /** How many replicas all streams have for which nothing else is said: 1, 3 or 5. Default: as they are, 1 for new ones. */
  replicas?: number;
  /** How the event streams are kept that buckets feed, by context; `'*'` for the others. What is not said is left as it is. */
  contexts?: Readonly<Record<string, ContextSettings>>;
  /** How the stream is kept of changes that a handler could not take. What is not said is left as it is. */
  deadLetters?: DeadLetterSettings;
  /** How long change handlers may go on when the application stops. Default 10 s. */
  shutdownTimeout?: Duration;
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

import { ConfigurableModuleBuilder } from '@nestjs/common';
import { DEFAULT_CONNECTION, getConnectionToken } from './connection.token.js';
import { OPTIONS_TOKEN, provideConnection } from './connection.provider.js';
import { NatsModuleOptions } from './nats-options.js';

export interface NatsModuleExtras {
  /** What this connection is called, where an application has several. Default `default`. */
  connection?: string;
  /** Whether every module may inject the connection without importing this one. Default `true`. */
  isGlobal?: boolean;
}

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<NatsModuleOptions>({
  optionsInjectionToken: OPTIONS_TOKEN,
})
  .setClassMethodName('forRoot')
  .setExtras<NatsModuleExtras>({}, (definition, { connection = DEFAULT_CONNECTION, isGlobal = true }) => ({
    ...definition,
    global: isGlobal,
    providers: [...(definition.providers ?? []), provideConnection(connection)],
    exports: [...(definition.exports ?? []), getConnectionToken(connection)],
  }))
  .build();

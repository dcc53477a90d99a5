import { DynamicModule, Module } from '@nestjs/common';
import { AppConfig } from './app.config.js';

/** Lets every module of an app inject its configuration, by the configuration's class. */
@Module({})
export class ConfigModule {
  static forRoot(config: AppConfig): DynamicModule {
    const provider = { provide: config.constructor, useValue: config };
    return { module: ConfigModule, global: true, providers: [provider], exports: [provider] };
  }
}

import { Module } from '@nestjs/common';
import { LifecycleModule } from '../lifecycle/lifecycle.module.js';
import { ConfigurableModuleClass } from './nats.module-definition.js';

/**
 * Connects the application to NATS: `NatsModule.forRoot({ name, servers })` or `forRootAsync`. Import it once
 * per connection; give all but one a `connection` name.
 */
@Module({ imports: [LifecycleModule] })
export class NatsModule extends ConfigurableModuleClass {}

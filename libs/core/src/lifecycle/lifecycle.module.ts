import { Global, Module } from '@nestjs/common';
import { HealthRegistry } from '../health/health.registry.js';
import { LifecycleCoordinator } from './lifecycle.coordinator.js';

/** One coordinator and one health registry for the whole application, however many modules it has. */
@Global()
@Module({
  providers: [LifecycleCoordinator, HealthRegistry],
  exports: [LifecycleCoordinator, HealthRegistry],
})
export class LifecycleModule {}

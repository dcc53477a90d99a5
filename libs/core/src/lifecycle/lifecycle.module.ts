import { Global, Module } from '@nestjs/common';
import { HealthRegistry } from '../health/health.registry.js';
import { RightsRegistry } from '../rights/rights.registry.js';
import { LifecycleCoordinator } from './lifecycle.coordinator.js';

/** One coordinator, one health registry and one of rights for the whole application, however many modules it has. */
@Global()
@Module({
  providers: [LifecycleCoordinator, HealthRegistry, RightsRegistry],
  exports: [LifecycleCoordinator, HealthRegistry, RightsRegistry],
})
export class LifecycleModule {}

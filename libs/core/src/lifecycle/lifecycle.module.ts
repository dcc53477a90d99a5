import { Global, Module } from '@nestjs/common';
import { LifecycleCoordinator } from './lifecycle.coordinator.js';

/** One coordinator for the whole application, however many connections and modules it has. */
@Global()
@Module({ providers: [LifecycleCoordinator], exports: [LifecycleCoordinator] })
export class LifecycleModule {}

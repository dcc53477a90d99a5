import { Module } from '@nestjs/common';
import { LifecycleModule } from '@millrace/core';
import { HealthController } from './health.controller.js';

/** `/health`, `/health/live` and `/health/ready`. */
@Module({ imports: [LifecycleModule], controllers: [HealthController] })
export class HealthModule {}

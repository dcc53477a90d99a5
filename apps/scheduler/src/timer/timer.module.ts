import { Module } from '@nestjs/common';
import { LifecycleModule } from '@millrace/core';
import { TimerController } from './timer.controller.js';
import { TimerService } from './timer.service.js';

@Module({ imports: [LifecycleModule], controllers: [TimerController], providers: [TimerService] })
export class TimerModule {}

import { Module } from '@nestjs/common';
import { CommandsModule } from '@millrace/commands';
import { PlaceOrder, RegisterUser } from '@millrace/contracts';
import { LifecycleModule } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { StorageModule } from '@millrace/storage';
import { StressRun } from './stress.bucket.js';
import { StressController } from './stress.controller.js';
import { FOLLOWED, StressFollower } from './stress.follower.js';
import { StressRunner } from './stress.runner.js';
import { StressService } from './stress.service.js';
import { StressStore } from './stress.store.js';

@Module({
  imports: [
    LifecycleModule,
    StorageModule.forFeature([StressRun]),
    EventsModule.forFeature({ reads: FOLLOWED }),
    CommandsModule.forFeature({ sends: [RegisterUser, PlaceOrder] }),
  ],
  controllers: [StressController],
  providers: [StressFollower, StressRunner, StressStore, StressService],
})
export class StressModule {}

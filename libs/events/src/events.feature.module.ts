import { Module } from '@nestjs/common';

/** Carries what `EventsModule.forFeature` adds; see there. */
@Module({})
export class EventsFeatureModule {}

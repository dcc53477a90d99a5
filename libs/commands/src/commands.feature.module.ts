import { Module } from '@nestjs/common';

/** Carries what `CommandsModule.forFeature` adds; see there. */
@Module({})
export class CommandsFeatureModule {}

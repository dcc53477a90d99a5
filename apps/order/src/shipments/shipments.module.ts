import { Module } from '@nestjs/common';
import { ShipmentBooked, ShipmentCancelled, ShipmentRefused } from '@millrace/contracts';
import { EventsModule } from '@millrace/events';
import { ShipmentSimulator } from './shipment.simulator.js';

const ANSWERS = [ShipmentBooked, ShipmentRefused, ShipmentCancelled];

@Module({
  imports: [EventsModule.forFeature({ publishes: ANSWERS.map((event) => ({ event, delayed: true })) })],
  providers: [ShipmentSimulator],
})
export class ShipmentsModule {}

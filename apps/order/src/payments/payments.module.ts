import { Module } from '@nestjs/common';
import { PaymentFailed, PaymentRefunded, PaymentSucceeded } from '@millrace/contracts';
import { EventsModule } from '@millrace/events';
import { PaymentSimulator } from './payment.simulator.js';

const ANSWERS = [PaymentSucceeded, PaymentFailed, PaymentRefunded];

@Module({
  imports: [EventsModule.forFeature({ publishes: ANSWERS.map((event) => ({ event, delayed: true })) })],
  providers: [PaymentSimulator],
})
export class PaymentsModule {}

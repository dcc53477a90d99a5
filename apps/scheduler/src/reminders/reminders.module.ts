import { Module } from '@nestjs/common';
import { RemindersSubscriber } from './reminders.subscriber.js';

@Module({ providers: [RemindersSubscriber] })
export class RemindersModule {}

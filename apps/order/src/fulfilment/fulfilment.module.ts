import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { FulfilmentSubscriber } from './fulfilment.subscriber.js';

@Module({ imports: [OrdersModule], providers: [FulfilmentSubscriber] })
export class FulfilmentModule {}

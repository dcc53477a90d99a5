import { Injectable } from '@nestjs/common';
import { OrderCreated } from '@millrace/contracts';
import { SubscribeBatch } from '@millrace/events';
import { OrderIndex } from './order-index.js';

/** Lists every new order among all. May be done again without harm, and in any order. */
@Injectable()
export class OrderDaysSubscriber {
  constructor(private readonly index: OrderIndex) {}

  // All new orders go to one list, so one write takes in as many as there are.
  @SubscribeBatch(OrderCreated, { group: 'order-days' })
  async list(events: OrderCreated[]): Promise<void> {
    await this.index.addToDays(events.map(({ orderId: id, createdAt: at }) => ({ id, at })));
  }
}

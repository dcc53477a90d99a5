import { Injectable } from '@nestjs/common';
import { OrderCreated } from '@millrace/contracts';
import { Subscribe, SubscribeBatch } from '@millrace/events';
import { OrderIndex } from './order-index.js';

/** Lists every new order. May be done again without harm, and in any order. */
@Injectable()
export class OrderListsSubscriber {
  constructor(private readonly index: OrderIndex) {}

  @Subscribe(OrderCreated, { group: 'order-lists' })
  async listUnderUser({ userId, orderId: id, createdAt: at }: OrderCreated): Promise<void> {
    await this.index.addToUser(userId, { id, at });
  }

  // All new orders go to one list, so one write takes in as many as there are.
  @SubscribeBatch(OrderCreated, { group: 'order-days' })
  async listUnderDay(events: OrderCreated[]): Promise<void> {
    await this.index.addToDays(events.map(({ orderId: id, createdAt: at }) => ({ id, at })));
  }
}

import { Injectable } from '@nestjs/common';
import { OrderCreated } from '@millrace/contracts';
import { Subscribe } from '@millrace/events';
import { OrderListsService } from './order-lists.service.js';
import { OrdersService } from './orders.service.js';

/** What this app itself does about a new order. Both may be done again without harm. */
@Injectable()
export class OrdersSubscriber {
  constructor(
    private readonly orders: OrdersService,
    private readonly lists: OrderListsService,
  ) {}

  @Subscribe(OrderCreated, { group: 'order-processing' })
  async process({ orderId }: OrderCreated): Promise<void> {
    await this.orders.startProcessing(orderId);
  }

  @Subscribe(OrderCreated, { group: 'order-lists' })
  async list(event: OrderCreated): Promise<void> {
    await this.lists.add(event);
  }
}

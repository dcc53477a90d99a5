import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { OrderCreated, UserUnregistered } from '@millrace/contracts';
import { exponential, type RetryOptions, Subscribe } from '@millrace/events';
import { OrderIndex } from '../lists/order-index.js';
import { DeparturesService } from './departures.service.js';

/** Whether a user is registered can be asked for days, while the user app is away. */
const RETRY: RetryOptions = {
  overrides: [{ on: ServiceUnavailableException, attempts: 10_000, backoff: exponential('500ms', '1m') }],
};

/** What there is to do about a new order, and about a user who left. All may be done again without harm. */
@Injectable()
export class IntakeSubscriber {
  constructor(
    private readonly index: OrderIndex,
    private readonly departures: DeparturesService,
  ) {}

  @Subscribe(OrderCreated, { group: 'order-lists', retry: RETRY })
  async takeIn({ userId, orderId: id, createdAt: at }: OrderCreated): Promise<void> {
    await this.index.addToUser(userId, { id, at });
    await this.departures.askAgain(id);
  }

  @Subscribe(UserUnregistered, { group: 'order-users' })
  async cancelOrders({ userId, unregisteredAt }: UserUnregistered): Promise<void> {
    await this.departures.cancelAll(userId, unregisteredAt);
  }
}

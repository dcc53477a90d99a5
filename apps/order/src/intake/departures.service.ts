import { Injectable } from '@nestjs/common';
import { OrderIndex } from '../lists/order-index.js';
import { can } from '../orders/order.machine.js';
import { cancelled } from '../orders/order.steps.js';
import { type Order } from '../orders/orders.bucket.js';
import { OrdersService } from '../orders/orders.service.js';
import { UsersClient } from '../users/users.client.js';

/**
 * Sees to it that whoever leaves leaves no open order behind.
 *
 * A user may leave after it was asked whether they are registered, and before the order is stored. So it is
 * asked again once the order is in the user's list: who left before this answer is found by it, and who leaves
 * after it has the order in the list that `cancelAll` goes through. An order knows since when its user was
 * registered, for an id may be registered again.
 */
@Injectable()
export class DeparturesService {
  constructor(
    private readonly orders: OrdersService,
    private readonly index: OrderIndex,
    private readonly users: UsersClient,
  ) {}

  /** Cancels an order whose user has left since it was taken. The order has to be in the user's list. */
  async askAgain(orderId: string): Promise<void> {
    const order = await this.orders.find(orderId);
    if (!order || !can(order.status, 'cancel')) return;
    const registeredAt = await this.users.registeredAt(order.userId);
    if (registeredAt === undefined || Date.parse(registeredAt) > Date.parse(order.userSince))
      await this.cancel(order);
  }

  /** Cancels what is open of the orders of a user who left at that time. */
  async cancelAll(userId: string, leftAt: string): Promise<void> {
    for await (const { id } of this.index.ofUser(userId)) {
      const order = await this.orders.find(id);
      if (order && Date.parse(order.userSince) < Date.parse(leftAt)) await this.cancel(order);
    }
  }

  private async cancel({ id, userId }: Order): Promise<void> {
    await this.orders.react(id, userId, (order, context) =>
      can(order.status, 'cancel') ? cancelled(order, 'user-unregistered', context) : undefined,
    );
  }
}

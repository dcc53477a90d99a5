import { Injectable } from '@nestjs/common';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { OrderCreated } from '@millrace/contracts';
import { withNewest } from '@millrace-apps/shared';
import { OrderList } from './order-lists.bucket.js';

/** How many orders of one user are listed. Older ones can still be read by their id. */
export const LISTED_ORDERS = 1000;

/** Which orders a user has. */
@Injectable()
export class OrderListsService {
  constructor(@InjectBucket(OrderList) private readonly lists: Bucket<OrderList>) {}

  /** Lists an order; doing so again changes nothing. */
  async add({ userId, orderId, createdAt }: OrderCreated): Promise<void> {
    await this.lists.commit(userId, (current) => {
      const orders = withNewest(current?.value.orders ?? [], { id: orderId, at: createdAt }, LISTED_ORDERS);
      return orders ? { state: { orders } } : {};
    });
  }

  /** Newest first. */
  async of(userId: string): Promise<string[]> {
    const entry = await this.lists.get(userId);
    return entry?.value.orders.map(({ id }) => id) ?? [];
  }
}

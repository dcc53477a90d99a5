import { Injectable } from '@nestjs/common';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { OrderCreated } from '@millrace/contracts';
import { withOrder } from './order-list.js';
import { OrderList } from './order-lists.bucket.js';

/** Which orders a user has. */
@Injectable()
export class OrderListsService {
  constructor(@InjectBucket(OrderList) private readonly lists: Bucket<OrderList>) {}

  /** Lists an order; doing so again changes nothing. */
  async add({ userId, orderId, createdAt }: OrderCreated): Promise<void> {
    await this.lists.commit(userId, (current) => ({
      state: withOrder(current?.value, { id: orderId, createdAt }),
    }));
  }

  /** Newest first. */
  async of(userId: string): Promise<string[]> {
    const entry = await this.lists.get(userId);
    return entry?.value.orders.map(({ id }) => id) ?? [];
  }
}

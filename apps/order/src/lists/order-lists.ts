import { Injectable } from '@nestjs/common';
import { withNewest } from '@millrace-apps/shared';
import { type Bucket, InjectBucket } from '@millrace/storage';
import { type ListedOrder, OrderList } from './order-lists.bucket.js';

/** How many orders a chunk has, so that adding one rewrites some ten kilobytes, however long the list. */
const CHUNK = 200;

/** Lists of orders by name, without end, newest first. */
@Injectable()
export class OrderLists {
  constructor(@InjectBucket(OrderList) private readonly lists: Bucket<OrderList>) {}

  /** Adds orders to a list; what is in it already changes nothing. */
  async add(list: string, added: readonly ListedOrder[]): Promise<void> {
    const { value } = await this.lists.mutate(
      list,
      ({ orders, chunks }) => {
        const merged = added.reduce((known, order) => withNewest(known, order, Infinity) ?? known, orders);
        return merged === orders ? undefined : { orders: merged, chunks };
      },
      { create: () => ({ orders: [], chunks: 0 }) },
    );
    if (value && value.orders.length >= 2 * CHUNK) await this.split(list);
  }

  /** The orders of a list, each once. Where new ones are older than a whole chunk, the order is not exact. */
  async *of(list: string): AsyncGenerator<ListedOrder> {
    const seen = new Set<string>();
    let chunks: number | undefined;
    for (let key = list; ; key = chunkKey(list, chunks)) {
      const value = (await this.lists.get(key))?.value;
      for (const order of value?.orders ?? []) {
        if (!seen.has(order.id)) yield order;
        seen.add(order.id);
      }
      chunks = (chunks ?? value?.chunks ?? 0) - 1;
      if (chunks < 0) return;
    }
  }

  // One write: whoever reads finds an order in the list or in the chunk, or in both, but never in neither.
  private async split(list: string): Promise<void> {
    const head = (await this.lists.get(list))?.value;
    if (!head) return;
    const chunk = chunkKey(list, head.chunks);
    await this.lists.commitAll([list, chunk], (current) => {
      const { orders, chunks } = current.get(list)?.value ?? { orders: [], chunks: 0 };
      if (chunks !== head.chunks || orders.length < 2 * CHUNK) return {};
      const states: [string, OrderList][] = [
        [list, { orders: orders.slice(0, CHUNK), chunks: chunks + 1 }],
        [chunk, { orders: orders.slice(CHUNK), chunks: 0 }],
      ];
      return { states };
    });
  }
}

// No list is named so: their names do not begin with a number.
const chunkKey = (list: string, nr: number): string => `${nr}#${list}`;

import { type Page } from '@millrace-apps/shared';
import { type ListedOrder } from '../lists/order-lists.bucket.js';
import { type OrderStatus } from './order.machine.js';
import { type Order } from './orders.bucket.js';
import { type OrdersQuery } from './orders.dto.js';

/** How many orders of a list are looked at for one page, so that a filter which few pass costs no more. */
export const LOOKED_AT = 1000;

/**
 * A page of those orders of a list that pass the filter. Offsets count what is in the list, passing or not, so a
 * page may hold fewer than `limit` although others follow: `nextOffset` says so.
 */
export const pageOf = async (
  list: AsyncIterable<ListedOrder>,
  { limit, offset, status }: Pick<OrdersQuery, 'limit' | 'offset' | 'status'>,
  read: (id: string) => Promise<Order | undefined>,
): Promise<Page<Order>> => {
  const ids = list[Symbol.asyncIterator]();
  await take(ids, offset);
  const items: Order[] = [];
  let looked = 0;
  while (items.length < limit && looked < LOOKED_AT) {
    const taken = await take(ids, limit - items.length);
    if (taken.length === 0) return { items };
    looked += taken.length;
    const orders = await Promise.all(taken.map(({ id }) => read(id)));
    items.push(...orders.filter((order) => order !== undefined).filter((order) => passes(order, status)));
  }
  const ended = (await ids.next()).done === true;
  await ids.return?.();
  return { items, ...(!ended && { nextOffset: offset + looked }) };
};

const passes = (order: Order, status: OrderStatus | undefined): boolean =>
  status === undefined || order.status === status;

const take = async <T>(source: AsyncIterator<T>, count: number): Promise<T[]> => {
  const taken: T[] = [];
  while (taken.length < count) {
    const next: IteratorResult<T, unknown> = await source.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
};

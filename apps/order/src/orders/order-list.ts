import { ListedOrder, OrderList } from './order-lists.bucket.js';

/** How many orders of one user are listed. Older ones can still be read by their id. */
export const LISTED_ORDERS = 1000;

const newestFirst = (a: ListedOrder, b: ListedOrder): number =>
  a.createdAt === b.createdAt ? compare(b.id, a.id) : compare(b.createdAt, a.createdAt);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The list with an order in it; `undefined` where that changes nothing, so it may be done twice. */
export const withOrder = (list: OrderList | undefined, added: ListedOrder): OrderList | undefined => {
  const known = list?.orders ?? [];
  if (known.some(({ id }) => id === added.id)) return undefined;
  const orders = [...known, added].sort(newestFirst).slice(0, LISTED_ORDERS);
  return orders.includes(added) ? { orders } : undefined;
};

import { Injectable } from '@nestjs/common';
import { type ListedOrder } from './order-lists.bucket.js';
import { OrderLists } from './order-lists.js';

/** A span of time, in milliseconds since the epoch: `from` is in it, `until` is not. */
export interface Span {
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

/** All days on which orders were created, in a list of their own. */
const DAYS = 'days';

/** Which orders a user has, and which there are in all. Lists are by user, and by the day of creation (UTC). */
@Injectable()
export class OrderIndex {
  constructor(private readonly lists: OrderLists) {}

  addToUser(userId: string, order: ListedOrder): Promise<void> {
    return this.lists.add(userList(userId), [order]);
  }

  async addToDays(orders: readonly ListedOrder[]): Promise<void> {
    const byDay = new Map<string, ListedOrder[]>();
    for (const order of orders) {
      const day = dayOf(Date.parse(order.at));
      byDay.set(day, [...(byDay.get(day) ?? []), order]);
    }
    for (const [day, those] of byDay) {
      // The day first: a day without orders does no harm, orders of a day that is not listed are lost.
      await this.lists.add(DAYS, [{ id: day, at: day }]);
      await this.lists.add(dayList(day), those);
    }
  }

  /** A user's orders, newest first. */
  ofUser(userId: string, span: Span = {}): AsyncIterable<ListedOrder> {
    return within(this.lists.of(userList(userId)), span);
  }

  /** All orders, newest first: of days within the span, and no others, the lists are read. */
  async *all(span: Span): AsyncGenerator<ListedOrder> {
    for await (const { id: day } of this.lists.of(DAYS)) {
      const late = span.until !== undefined && day > dayOf(span.until);
      const early = span.from !== undefined && day < dayOf(span.from);
      if (!late && !early) yield* within(this.lists.of(dayList(day)), span);
    }
  }
}

async function* within(
  orders: AsyncIterable<ListedOrder>,
  { from, until }: Span,
): AsyncGenerator<ListedOrder> {
  for await (const order of orders) {
    const at = Date.parse(order.at);
    if ((from === undefined || at >= from) && (until === undefined || at < until)) yield order;
  }
}

const userList = (userId: string): string => `user:${userId}`;
const dayList = (day: string): string => `day:${day}`;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

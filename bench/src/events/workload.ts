import { ClassOf } from '@millrace/core';
import {
  OrderNoted,
  orderNoted,
  OrderPaid,
  orderPaid,
  UncheckedOrder,
  uncheckedOrder,
} from './events.contract.js';

/** What is published: one kind of event. */
export interface Workload {
  /** As the cases are called. */
  readonly name: string;
  readonly target: ClassOf<Identified>;
  /** The `n`th event; its `orderId` is `o<n>`. */
  eventOf(n: number): Identified;
}

export interface Identified {
  orderId: string;
}

export const SMALL: Workload = { name: '128 B', target: OrderNoted, eventOf: orderNoted };
export const LARGE: Workload = { name: '1 KiB', target: OrderPaid, eventOf: orderPaid };

/** {@link LARGE} of a class without rules: nothing is validated. */
export const UNCHECKED: Workload = { name: '1 KiB', target: UncheckedOrder, eventOf: uncheckedOrder };

/** Which event this is. */
export const indexOf = (event: unknown): number => Number((event as Identified).orderId.slice(1));

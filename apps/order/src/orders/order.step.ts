import { type ClassOf, eventContractOf } from '@millrace/core';
import { after, type OrderTransition } from './order.machine.js';
import { type HistoryEntry, Order } from './orders.bucket.js';

/** How long what an order waits for may take, in milliseconds. */
export interface Patience {
  /** From confirmed to paid. */
  readonly paymentMs: number;
  /** From shipped to received, before the customer is reminded. */
  readonly receiptMs: number;
  /** From received to completed. */
  readonly returnMs: number;
}

/** Who takes a step, when (ISO 8601), and by which deadlines. */
export interface StepContext {
  readonly actor: string;
  readonly at: string;
  readonly patience: Patience;
}

/** What an order becomes, and what is told of it: one commit. */
export interface OrderStep {
  readonly order: Order;
  readonly events: readonly object[];
}

/** What a step changes. */
export interface Change {
  readonly transition?: OrderTransition;
  readonly fields?: Partial<Order>;
  readonly events: readonly object[];
}

/**
 * Takes a step; every event enters the order's history.
 * @throws IllegalTransitionError
 */
export const step = (
  order: Order,
  { actor, at }: StepContext,
  { transition, fields, events }: Change,
): OrderStep => {
  const status = transition ? after(order.status, transition) : order.status;
  const entries = events.map((event): HistoryEntry => ({ event: typeOf(event), status, at, actor }));
  const history = [...order.history, ...entries];
  return { order: Object.assign(new Order(), order, fields, { status, history }), events };
};

/** What every event about an order says. */
export const about = (
  { id, userId }: Order,
  { actor, at }: StepContext,
): { orderId: string; userId: string; actor: string; at: string } => ({ orderId: id, userId, actor, at });

const typeOf = (event: object): string => eventContractOf(event.constructor as ClassOf<object>).type;

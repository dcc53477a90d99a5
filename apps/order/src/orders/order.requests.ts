import {
  Address,
  Contact,
  Goods,
  PaymentRefundRequested,
  PaymentRequested,
  ReminderCancelled,
  type ReminderKind,
  ReminderRequested,
  ShipmentCancelRequested,
  ShipmentRequested,
  StockReleaseRequested,
  StockRequested,
} from '@millrace/contracts';
import { type Order } from './orders.bucket.js';

/** What an order asks of others, as events. An order has one payment, one shipment, and one reminder of a kind. */

export const paymentIdOf = ({ id }: Pick<Order, 'id'>): string => `payment of ${id}`;
export const shipmentIdOf = ({ id }: Pick<Order, 'id'>): string => `shipment of ${id}`;
export const reminderIdOf = ({ id }: Pick<Order, 'id'>, kind: ReminderKind): string => `${kind} of ${id}`;

export const paymentRequested = (order: Order, at: string): PaymentRequested =>
  new PaymentRequested({ ...paymentOf(order), userId: order.userId, at });

export const refundRequested = (order: Order, at: string): PaymentRefundRequested =>
  new PaymentRefundRequested({ ...paymentOf(order), at });

export const stockRequested = (order: Order, at: string): StockRequested =>
  new StockRequested({ orderId: order.id, goods: goodsOf(order), at });

export const releaseRequested = (order: Order, at: string): StockReleaseRequested =>
  new StockReleaseRequested({ orderId: order.id, at });

export const shipmentRequested = (order: Order, at: string): ShipmentRequested =>
  new ShipmentRequested({
    shipmentId: shipmentIdOf(order),
    orderId: order.id,
    goods: goodsOf(order),
    ...(order.address && { address: new Address(order.address) }),
    ...(order.contact && { contact: new Contact(order.contact) }),
    at,
  });

export const shipmentCancelRequested = (order: Order, at: string): ShipmentCancelRequested =>
  new ShipmentCancelRequested({ shipmentId: shipmentIdOf(order), orderId: order.id, at });

/** Asks to be told `inMs` after `at`, unless that is cancelled. */
export const reminderRequested = (
  order: Order,
  kind: ReminderKind,
  { at, inMs }: { at: string; inMs: number },
): ReminderRequested =>
  new ReminderRequested({
    reminderId: reminderIdOf(order, kind),
    kind,
    orderId: order.id,
    at: new Date(Date.parse(at) + inMs).toISOString(),
  });

export const reminderCancelled = (order: Order, kind: ReminderKind): ReminderCancelled =>
  new ReminderCancelled({ reminderId: reminderIdOf(order, kind) });

const paymentOf = (
  order: Order,
): { paymentId: string; orderId: string; amountCents: number; currency: string } => ({
  paymentId: paymentIdOf(order),
  orderId: order.id,
  amountCents: order.totalCents,
  currency: order.currency,
});

const goodsOf = ({ lines }: Order): Goods[] => lines.map(({ sku, quantity }) => new Goods({ sku, quantity }));

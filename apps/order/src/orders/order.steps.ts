import {
  Address,
  type CancelReason,
  Contact,
  OrderCancelled,
  type OrderChange,
  OrderCompleted,
  OrderCreated,
  OrderLine,
  OrderPaid,
  OrderProcessing,
  OrderReceiptReminded,
  OrderReceived,
  OrderRefunded,
  OrderReturned,
  OrderReturnRequested,
  OrderShipped,
  OrderSigned,
  OrderUpdated,
} from '@millrace/contracts';
import { undoLast } from './order.compensation.js';
import { assertCan, type OrderEdit } from './order.machine.js';
import {
  paymentIdOf,
  paymentRequested,
  reminderCancelled,
  reminderRequested,
  shipmentIdOf,
  shipmentRequested,
  stockRequested,
} from './order.requests.js';
import { about, type OrderStep, step, type StepContext } from './order.step.js';
import { Order } from './orders.bucket.js';

/** What an order begins with. */
export type NewOrder = Pick<
  Order,
  'id' | 'userId' | 'userSince' | 'lines' | 'currency' | 'address' | 'contact'
>;
/** What may be changed of it. */
export type OrderEdits = Partial<Pick<Order, 'lines' | 'address' | 'contact'>>;

/** Every step of an order's life, each with what it tells and what it asks for. All throw `IllegalTransitionError`. */

export const created = (fields: NewOrder, context: StepContext): OrderStep => {
  const { actor, at } = context;
  const order = Object.assign(new Order(), fields, {
    totalCents: totalOf(fields.lines),
    createdAt: at,
    status: 'created' as const,
    history: [],
  });
  const event = new OrderCreated({
    orderId: order.id,
    userId: order.userId,
    ...partsOf(order),
    lines: order.lines.map((line) => new OrderLine(line)),
    totalCents: order.totalCents,
    currency: order.currency,
    actor,
    createdAt: at,
  });
  return step(order, context, { events: [event] });
};

export const edited = (order: Order, edits: OrderEdits, context: StepContext): OrderStep => {
  const changes = (['lines', 'address', 'contact'] as const).filter((part) => edits[part] !== undefined);
  for (const part of changes) assertCan(order.status, `edit-${part}` satisfies OrderEdit);
  const fields = { ...edits, totalCents: edits.lines ? totalOf(edits.lines) : order.totalCents };
  const event = updated(Object.assign(new Order(), order, fields), changes, context, edits);
  return step(order, context, { fields, events: [event] });
};

export const confirmed = (order: Order, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'confirm',
    fields: { payment: 'requested' },
    events: [
      updated(order, ['confirmed'], context),
      paymentRequested(order, context.at),
      reminderRequested(order, 'payment-timeout', { at: context.at, inMs: context.patience.paymentMs }),
    ],
  });

export const paid = (order: Order, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'pay',
    fields: { payment: 'paid', stock: 'requested' },
    events: [
      updated(order, ['paid'], context),
      new OrderPaid({
        ...about(order, context),
        paymentId: paymentIdOf(order),
        amountCents: order.totalCents,
        currency: order.currency,
      }),
      reminderCancelled(order, 'payment-timeout'),
      stockRequested(order, context.at),
    ],
  });

export const processing = (order: Order, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'process',
    fields: { stock: 'reserved' },
    events: [new OrderProcessing(about(order, context))],
  });

export const signed = (order: Order, signedBy: string, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'sign',
    fields: { signedBy, shipment: 'requested' },
    events: [new OrderSigned({ ...about(order, context), signedBy }), shipmentRequested(order, context.at)],
  });

export const shipped = (order: Order, carrier: string, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'ship',
    fields: { shipment: 'booked' },
    events: [
      new OrderShipped({ ...about(order, context), shipmentId: shipmentIdOf(order), carrier }),
      reminderRequested(order, 'order-reminder', { at: context.at, inMs: context.patience.receiptMs }),
    ],
  });

export const receiptReminded = (order: Order, context: StepContext): OrderStep => {
  const shippedAt = order.history.find(({ event }) => event === 'order.shipped')?.at ?? context.at;
  return step(order, context, {
    events: [new OrderReceiptReminded({ ...about(order, context), shippedAt })],
  });
};

export const received = (order: Order, receivedBy: string, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'receive',
    fields: { receivedBy, shipment: 'delivered' },
    events: [
      new OrderReceived({ ...about(order, context), signedBy: receivedBy }),
      reminderCancelled(order, 'order-reminder'),
      reminderRequested(order, 'return-window', { at: context.at, inMs: context.patience.returnMs }),
    ],
  });

export const completed = (order: Order, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'complete',
    events: [new OrderCompleted(about(order, context)), reminderCancelled(order, 'return-window')],
  });

export const cancelled = (order: Order, reason: CancelReason, context: StepContext): OrderStep => {
  const undone = undoLast(order, context.at);
  return step(order, context, {
    transition: 'cancel',
    fields: { cancelReason: reason, ...undone.fields },
    events: [
      new OrderCancelled({ ...about(order, context), reason }),
      ...(order.status === 'confirmed' ? [reminderCancelled(order, 'payment-timeout')] : []),
      ...undone.events,
    ],
  });
};

export const returnRequested = (order: Order, reason: string, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'request-return',
    events: [
      new OrderReturnRequested({ ...about(order, context), reason }),
      ...(order.status === 'received' ? [reminderCancelled(order, 'return-window')] : []),
    ],
  });

export const returned = (order: Order, context: StepContext): OrderStep => {
  const undone = undoLast(order, context.at);
  return step(order, context, {
    transition: 'return',
    ...(undone.fields && { fields: undone.fields }),
    events: [new OrderReturned(about(order, context)), ...undone.events],
  });
};

export const refunded = (order: Order, context: StepContext): OrderStep =>
  step(order, context, {
    transition: 'refund',
    fields: { payment: 'refunded' },
    events: [
      new OrderRefunded({
        ...about(order, context),
        amountCents: order.totalCents,
        currency: order.currency,
      }),
    ],
  });

const updated = (
  order: Order,
  changes: OrderChange[],
  context: StepContext,
  edits: OrderEdits = {},
): OrderUpdated =>
  new OrderUpdated({
    ...about(order, context),
    changes,
    totalCents: order.totalCents,
    ...(edits.lines && { lines: edits.lines.map((line) => new OrderLine(line)) }),
    ...partsOf(edits),
  });

const partsOf = ({ address, contact }: OrderEdits): { address?: Address; contact?: Contact } => ({
  ...(address && { address: new Address(address) }),
  ...(contact && { contact: new Contact(contact) }),
});

const totalOf = (lines: Order['lines']): number =>
  lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0);

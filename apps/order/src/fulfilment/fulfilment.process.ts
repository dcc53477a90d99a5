import {
  PaymentFailed,
  PaymentRefunded,
  PaymentSucceeded,
  ReminderDue,
  type ReminderKind,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentRefused,
  StockRefused,
  StockReleased,
  StockReserved,
} from '@millrace/contracts';
import { type ClassOf } from '@millrace/core';
import { undoLast } from '../orders/order.compensation.js';
import { can } from '../orders/order.machine.js';
import { type OrderStep, step, type StepContext } from '../orders/order.step.js';
import {
  cancelled,
  completed,
  paid,
  processing,
  receiptReminded,
  refunded,
  shipped,
} from '../orders/order.steps.js';
import { Order } from '../orders/orders.bucket.js';

/**
 * The process around an order: what it does about the answers to what it asked for. Each reaction is the next
 * step of the order, which asks for the next thing in the same commit.
 *
 * An order waits for an answer from the commit on that asked for it, and until one has come or it does not want
 * it any more. What it does not wait for is passed over, so answers may come twice, late, and in any order.
 */
type Reaction<E> = (order: Order, context: StepContext, event: E) => OrderStep | undefined;

const paymentSucceeded: Reaction<PaymentSucceeded> = (order, context) => {
  if (order.payment !== 'requested') return undefined;
  // Cancelled while it was being paid: the money goes back.
  return can(order.status, 'pay') ? paid(order, context) : undone(order, { payment: 'paid' }, context);
};

const paymentFailed: Reaction<PaymentFailed> = (order, context) => {
  if (order.payment !== 'requested') return undefined;
  const failed = having(order, { payment: 'failed' });
  return can(order.status, 'pay')
    ? cancelled(failed, 'payment-failed', context)
    : step(failed, context, { events: [] });
};

const paymentRefunded: Reaction<PaymentRefunded> = (order, context) =>
  order.payment === 'refund-requested' ? refunded(order, context) : undefined;

const stockReserved: Reaction<StockReserved> = (order, context) =>
  order.stock === 'requested' ? processing(order, context) : undefined;

const stockRefused: Reaction<StockRefused> = (order, context) =>
  order.stock === 'requested'
    ? cancelled(having(order, { stock: 'refused' }), 'out-of-stock', context)
    : undefined;

const stockReleased: Reaction<StockReleased> = (order, context) =>
  order.stock === 'release-requested' ? undone(order, { stock: 'released' }, context) : undefined;

const shipmentBooked: Reaction<ShipmentBooked> = (order, context, { carrier }) =>
  order.shipment === 'requested' ? shipped(order, carrier, context) : undefined;

const shipmentRefused: Reaction<ShipmentRefused> = (order, context) =>
  order.shipment === 'requested'
    ? cancelled(having(order, { shipment: 'refused' }), 'shipment-refused', context)
    : undefined;

const shipmentCancelled: Reaction<ShipmentCancelled> = (order, context) =>
  order.shipment === 'cancel-requested' ? undone(order, { shipment: 'cancelled' }, context) : undefined;

const reminderDue: Reaction<ReminderDue> = (order, context, { kind }) => DUE[kind](order, context);

const DUE: Record<ReminderKind, (order: Order, context: StepContext) => OrderStep | undefined> = {
  'payment-timeout': (order, context) =>
    order.status === 'confirmed' ? cancelled(order, 'payment-timeout', context) : undefined,
  'order-reminder': (order, context) =>
    order.status === 'shipped' && !wasReminded(order) ? receiptReminded(order, context) : undefined,
  'return-window': (order, context) => (order.status === 'received' ? completed(order, context) : undefined),
};

const wasReminded = ({ history }: Order): boolean =>
  history.some(({ event }) => event === 'order.receipt-reminded');

const having = (order: Order, fields: Partial<Order>): Order => Object.assign(new Order(), order, fields);

/** One thing is undone; on to the one before it. */
const undone = (order: Order, fields: Partial<Order>, context: StepContext): OrderStep => {
  const now = having(order, fields);
  return step(now, context, undoLast(now, context.at));
};

const on = <E extends object>(type: ClassOf<E>, reaction: Reaction<E>) => ({
  type,
  react: (order: Order, context: StepContext, event: object): OrderStep | undefined =>
    event instanceof type ? reaction(order, context, event) : undefined,
});

const REACTIONS = [
  on(PaymentSucceeded, paymentSucceeded),
  on(PaymentFailed, paymentFailed),
  on(PaymentRefunded, paymentRefunded),
  on(StockReserved, stockReserved),
  on(StockRefused, stockRefused),
  on(StockReleased, stockReleased),
  on(ShipmentBooked, shipmentBooked),
  on(ShipmentRefused, shipmentRefused),
  on(ShipmentCancelled, shipmentCancelled),
  on(ReminderDue, reminderDue),
];

/** What moves an order on. */
export const FULFILMENT_EVENTS = REACTIONS.map(({ type }) => type);

/** The step that an order takes because of an event; `undefined` where it waits for no such thing. */
export const stepFor = (event: object, order: Order, context: StepContext): OrderStep | undefined => {
  for (const { type, react } of REACTIONS) if (event instanceof type) return react(order, context, event);
  return undefined;
};

import { refundRequested, releaseRequested, shipmentCancelRequested } from './order.requests.js';
import { type Change } from './order.step.js';
import { type Order } from './orders.bucket.js';

/**
 * Asks to undo the last of what was done for an order that is not carried out, or came back: first the
 * shipment, then the stock, then the payment. The next is asked for when the last is undone. What was asked for
 * and is not answered may still happen, so it is undone too; only a payment is waited for: until it is answered
 * there is nothing to give back.
 */
export const undoLast = (order: Order, at: string): Change => {
  if (order.shipment === 'cancel-requested' || order.stock === 'release-requested') return NOTHING;
  if (order.shipment === 'requested' || order.shipment === 'booked')
    return { fields: { shipment: 'cancel-requested' }, events: [shipmentCancelRequested(order, at)] };
  if (order.stock === 'requested' || order.stock === 'reserved')
    return { fields: { stock: 'release-requested' }, events: [releaseRequested(order, at)] };
  if (order.payment === 'paid')
    return { fields: { payment: 'refund-requested' }, events: [refundRequested(order, at)] };
  return NOTHING;
};

const NOTHING: Change = { events: [] };

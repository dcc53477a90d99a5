import {
  type CancelReason,
  type OrderChange,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
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
  UserRegistered,
  UserUnregistered,
  UserUpdated,
} from '@millrace/contracts';

/** The events that users are told of, by type. */
export const NOTIFYING_EVENTS = {
  'user.registered': UserRegistered,
  'user.updated': UserUpdated,
  'user.unregistered': UserUnregistered,
  'order.created': OrderCreated,
  'order.updated': OrderUpdated,
  'order.paid': OrderPaid,
  'order.processing': OrderProcessing,
  'order.signed': OrderSigned,
  'order.shipped': OrderShipped,
  'order.received': OrderReceived,
  'order.completed': OrderCompleted,
  'order.cancelled': OrderCancelled,
  'order.refunded': OrderRefunded,
  'order.return-requested': OrderReturnRequested,
  'order.returned': OrderReturned,
  'order.receipt-reminded': OrderReceiptReminded,
} as const;

export type NotificationType = keyof typeof NOTIFYING_EVENTS;
export type NotifyingEvent = InstanceType<(typeof NOTIFYING_EVENTS)[NotificationType]>;

export const NOTIFICATION_TYPES = Object.keys(NOTIFYING_EVENTS) as NotificationType[];

export const isNotificationType = (type: string): type is NotificationType =>
  Object.hasOwn(NOTIFYING_EVENTS, type);

/** One text for every type: without it this does not compile. What is encrypted in an event is in no text. */
type Texts = { [T in NotificationType]: (event: InstanceType<(typeof NOTIFYING_EVENTS)[T]>) => string };

const TEXTS: Texts = {
  'user.registered': ({ name }) => `Welcome, ${name}`,
  'user.updated': ({ changes }) => `Your ${changes.join(' and ')} was changed`,
  'user.unregistered': () => 'You are unregistered. Goodbye',
  'order.created': (order) =>
    `Your order ${order.orderId} over ${money(order.totalCents, order)} was received`,
  'order.updated': ({ orderId, changes }) =>
    `Your order ${orderId} was changed: ${changes.map((change) => CHANGES[change]).join(', ')}`,
  'order.paid': (order) => `${money(order.amountCents, order)} were paid for your order ${order.orderId}`,
  'order.processing': ({ orderId }) => `Your order ${orderId} is being made ready`,
  'order.signed': ({ orderId }) => `The contract of your order ${orderId} was signed`,
  'order.shipped': ({ orderId, carrier }) => `Your order ${orderId} is on its way with ${carrier}`,
  'order.received': ({ orderId }) => `Your order ${orderId} was received and signed for`,
  'order.completed': ({ orderId }) => `Your order ${orderId} is completed`,
  'order.cancelled': ({ orderId, reason }) => `Your order ${orderId} was cancelled: ${REASONS[reason]}`,
  'order.refunded': (order) =>
    `${money(order.amountCents, order)} were paid back for your order ${order.orderId}`,
  'order.return-requested': ({ orderId }) => `We know that you want to return your order ${orderId}`,
  'order.returned': ({ orderId }) => `Your order ${orderId} came back to us`,
  'order.receipt-reminded': ({ orderId }) => `Has your order ${orderId} arrived? Please sign for it`,
};

const CHANGES: Record<OrderChange, string> = {
  lines: 'what is in it',
  address: 'where it goes',
  contact: 'whom to reach about it',
  confirmed: 'it is confirmed',
  paid: 'it is paid',
};

const REASONS: Record<CancelReason, string> = {
  requested: 'as requested',
  'payment-failed': 'the payment failed',
  'payment-timeout': 'it was not paid in time',
  'out-of-stock': 'it is out of stock',
  'shipment-refused': 'it cannot be shipped',
  'user-unregistered': 'you are unregistered',
};

/** What the user is told of an event. */
export const textOf = <T extends NotificationType>(
  type: T,
  event: InstanceType<(typeof NOTIFYING_EVENTS)[T]>,
): string => TEXTS[type](event);

const money = (cents: number, { currency }: { currency: string }): string =>
  `${(cents / 100).toFixed(2)} ${currency}`;

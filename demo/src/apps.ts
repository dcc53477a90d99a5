import { fileURLToPath } from 'node:url';

/** The reference apps, in the order they take ports. */
export const APP_NAMES = ['user', 'order', 'scheduler'] as const;
export type AppName = (typeof APP_NAMES)[number];

/** The built program of an app. */
export const appMain = (name: AppName): string =>
  fileURLToPath(new URL(`../../apps/${name}/dist/main.js`, import.meta.url));

const heardBy = (apps: readonly AppName[], types: readonly string[]): Record<string, readonly AppName[]> =>
  Object.fromEntries(types.map((type) => [type, apps]));

/** The apps that must react to an event, by its type: a missing subscriber must not pass for a handled event. */
export const AUDIENCE: Readonly<Record<string, readonly AppName[]>> = {
  ...heardBy(['user', 'order'], ['user.unregistered', 'order.created']),
  ...heardBy(['user'], ['timer.ticked', 'user.registered', 'user.updated', 'notification.due']),
  ...heardBy(['user'], ['order.updated', 'order.paid', 'order.processing', 'order.signed', 'order.shipped']),
  ...heardBy(['user'], ['order.received', 'order.receipt-reminded', 'order.completed', 'order.cancelled']),
  ...heardBy(['user'], ['order.refunded', 'order.return-requested', 'order.returned']),
  ...heardBy(['order'], ['payment.requested', 'payment.succeeded', 'payment.failed']),
  ...heardBy(['order'], ['payment.refund-requested', 'payment.refunded']),
  ...heardBy(['order'], ['stock.requested', 'stock.reserved', 'stock.refused']),
  ...heardBy(['order'], ['stock.release-requested', 'stock.released']),
  ...heardBy(['order'], ['shipment.requested', 'shipment.booked', 'shipment.refused']),
  ...heardBy(['order'], ['shipment.cancel-requested', 'shipment.cancelled']),
  ...heardBy(['scheduler'], ['reminder.requested', 'reminder.cancelled']),
  ...heardBy(['order'], ['reminder.due']),
};

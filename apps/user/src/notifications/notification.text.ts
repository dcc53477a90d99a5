import { OrderCreated, UserRegistered, UserUnregistered } from '@millrace/contracts';

/** The events that users are told of. */
export const NOTIFYING_EVENTS = [UserRegistered, UserUnregistered, OrderCreated] as const;
export type NotifyingEvent = InstanceType<(typeof NOTIFYING_EVENTS)[number]>;

/** What the user is told. */
export const textOf = (event: NotifyingEvent): string => {
  if (event instanceof OrderCreated) {
    return `Your order ${event.orderId} over ${amount(event)} ${event.currency} was received`;
  }
  return event instanceof UserRegistered ? `Welcome, ${event.name}` : 'You are unregistered. Goodbye';
};

const amount = ({ totalCents }: OrderCreated): string => (totalCents / 100).toFixed(2);

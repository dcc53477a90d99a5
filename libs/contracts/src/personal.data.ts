import { OrderCreated } from './order.events.js';
import { UserRegistered } from './user.events.js';

/** A property of an event that tells something about a person. */
export interface PersonalProperty {
  readonly event: { readonly prototype: object };
  readonly property: string;
}

const personal = <E extends object>(
  event: { readonly prototype: E },
  property: string & keyof E,
): PersonalProperty => ({ event, property });

/** What whoever publishes or handles these events puts under `@Encrypted()`. */
export const PERSONAL_DATA: readonly PersonalProperty[] = [
  personal(UserRegistered, 'email'),
  personal(OrderCreated, 'address'),
];

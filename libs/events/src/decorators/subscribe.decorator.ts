import 'reflect-metadata';
import { BatchOptions } from '../routing/batch.options.js';
import { SubscribeOptions } from '../routing/subscription.options.js';
import { SubscriptionTarget } from '../routing/subscription.target.js';
import { eventParams } from './handler-params.js';

const SUBSCRIBE = Symbol.for('@millrace/events:subscribe');

/** What `@Subscribe` recorded. */
export interface SubscribeMetadata {
  target: SubscriptionTarget;
  options: SubscribeOptions;
  /** Of `@SubscribeBatch`. */
  batch?: BatchOptions;
}

/** Adds to what a method subscribes to. */
export const recordSubscriber =
  (decorator: string, subscriber: SubscribeMetadata): MethodDecorator =>
  (prototype, property, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') throw new TypeError(`${decorator} decorates methods`);
    const metadata: SubscribeMetadata[] = [...readSubscribeMetadata(method), subscriber];
    Reflect.defineMetadata(SUBSCRIBE, metadata, method);
    eventParams.ensurePayload(prototype.constructor, property);
  };

/**
 * Calls the method for each matching event: `method(event, @Context() message)`. May be repeated, with a
 * group for each.
 *
 * Returning acknowledges the event. Throwing has it delivered again after the retry policy's back-off; after
 * the last attempt, and at once for a `PermanentError`, it goes to the dead letters. Guards, pipes, interceptors
 * and exception filters apply; a filter takes care of an error by returning anything but `undefined`.
 *
 * @param target an event class, several, or a pattern such as `'order.*'` or `'>'`.
 */
export const Subscribe = (target: SubscriptionTarget, options: SubscribeOptions = {}): MethodDecorator =>
  recordSubscriber('@Subscribe', { target, options });

/** What `@Subscribe` recorded on a method; empty for any other. */
export const readSubscribeMetadata = (method: object): readonly SubscribeMetadata[] =>
  (Reflect.getMetadata(SUBSCRIBE, method) as SubscribeMetadata[] | undefined) ?? [];

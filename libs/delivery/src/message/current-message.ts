import { AsyncLocalStorage } from 'node:async_hooks';
import { Delivery } from './delivery.js';

const storage = new AsyncLocalStorage<Delivery | undefined>();

/** The message that the running code is handling; `undefined` outside of a handler. */
export const currentMessage = (): Delivery | undefined => storage.getStore();

/** Runs `task` as the handling of `message`. */
export const withCurrentMessage = <T>(message: Delivery, task: () => T): T => storage.run(message, task);

/** `handler(message)`, as the handling of `message`. */
export const handleAsCurrent = <M extends Delivery, T>(message: M, handler: (message: M) => T): T =>
  storage.run(message, handler, message);

/** Runs `task` as the handling of no message in particular. */
export const withoutCurrentMessage = <T>(task: () => T): T => storage.run(undefined, task);

/** Whether `value` has yet to come: a promise of whatever realm, or anything else that can be awaited. */
export const isPending = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { readonly then?: unknown }).then === 'function';

/** `use(value)`, at once where the value is there: awaiting it would cost a promise, and put the rest off. */
export const whenReady = <T, R>(
  value: T | PromiseLike<T>,
  use: (value: T) => R | PromiseLike<R>,
): R | PromiseLike<R> => (isPending(value) ? value.then(use) : use(value));

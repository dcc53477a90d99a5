import 'reflect-metadata';
import { ClassOf } from '@millrace/core';
import { OnChangeOptions } from '../changes/change.options.js';

const ON_CHANGE = Symbol.for('@millrace/storage:on-change');

/** What `@OnChange` recorded. */
export interface OnChangeMetadata {
  target: ClassOf<object>;
  options: OnChangeOptions;
}

/**
 * Calls the method for changes of a bucket: `method(change, delivery)`, a `Change<T>` and what the engine knows
 * of this delivery of it (attempt, signal, idempotency key). May be repeated, with a group for each.
 *
 * Returning acknowledges the change. Throwing has it delivered again after the retry policy's back-off; after
 * the last attempt, and at once for a `PermanentError` or a value that cannot be read, it goes to the dead
 * letters. Guards, interceptors and exception filters apply, with `context.getType()` `'change'`.
 *
 * A change that was overwritten before its turn came is not told of: the one that overwrote it is.
 *
 * @param target the class of the bucket, which a module of the application names in `forFeature`.
 */
export const OnChange =
  (target: ClassOf<object>, options: OnChangeOptions = {}): MethodDecorator =>
  (_prototype, _property, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') throw new TypeError('@OnChange decorates methods');
    Reflect.defineMetadata(ON_CHANGE, [...readOnChangeMetadata(method), { target, options }], method);
  };

/** What `@OnChange` recorded on a method; empty for any other. */
export const readOnChangeMetadata = (method: object): readonly OnChangeMetadata[] =>
  (Reflect.getMetadata(ON_CHANGE, method) as OnChangeMetadata[] | undefined) ?? [];

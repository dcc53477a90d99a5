import 'reflect-metadata';
import { configInvalid } from '@millrace/core';
import { Lock } from '../lease/lock.js';
import { WithLockOptions } from '../lock.options.js';
import { isLockTemplate, LockName, lockNameOf } from './lock-name.js';

const WITH_LOCK = Symbol.for('@millrace/locks:with-lock');
const HELD_LOCK = Symbol.for('@millrace/locks:held-lock');

/** Runs a method's body under a lock. */
export type LockRunner = (
  lock: { name: string; options: WithLockOptions },
  body: (lock: Lock) => Promise<unknown>,
) => Promise<unknown>;

/** By instance: two applications of one process share their classes. */
const runners = new WeakMap<object, LockRunner>();

/** Lets the locked methods of an instance run. */
export const bindLocks = (instance: object, runner: LockRunner): void => void runners.set(instance, runner);

type AsyncMethod = (...args: never[]) => Promise<unknown>;

/**
 * Runs the method while it holds the lock: `@WithLock('order:{orderId}', { ttl: '10s', wait: '5s' })`.
 * A call that does not get it in time rejects with `LOCK_TIMEOUT`, and the method is not run.
 *
 * @param name text with paths into the arguments (`{orderId}`: of the first; `{1.id}`: of the second), or a
 * function of the arguments.
 */
export const WithLock =
  <A extends readonly unknown[] = never[]>(name: LockName<A>, options: WithLockOptions = {}) =>
  <M extends AsyncMethod>(
    prototype: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const method = descriptor.value as ((...args: unknown[]) => Promise<unknown>) | undefined;
    const label = `${prototype.constructor.name}.${String(property)}`;
    if (typeof method !== 'function') throw new TypeError('@WithLock decorates methods');
    if (typeof name === 'string' && !isLockTemplate(name)) {
      throw configInvalid(
        `@WithLock('${name}') on ${label} has a malformed path`,
        'Write {orderId}, {0.id} or {1.customer.id}; make any other name with a function',
      );
    }
    // Nest reads controllers' methods before any hook of a module runs, and methods call each other through
    // `this`: so the method itself asks for the lock, and start-up only tells it whom.
    const locked = async function (this: object, ...args: unknown[]): Promise<unknown> {
      const runner = runners.get(this);
      if (!runner) throw notBound(label);
      return runner({ name: lockNameOf(name as LockName, args), options }, async (lock) => {
        const index = heldLockParam(prototype, property);
        const given = [...args];
        if (index !== undefined) given[index] = lock;
        return method.apply(this, given);
      });
    };
    // What other decorators have recorded on the method.
    for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), locked);
    }
    Object.defineProperty(locked, 'name', { value: method.name });
    Reflect.defineMetadata(WITH_LOCK, true, locked);
    descriptor.value = locked as unknown as M;
  };

/** Gives a parameter of a method under `@WithLock` the `Lock`. */
export const HeldLock = (): ParameterDecorator => (prototype, property, index) => {
  if (property === undefined) throw new TypeError('@HeldLock() decorates parameters of methods');
  Reflect.defineMetadata(HELD_LOCK, index, prototype, property);
};

/** Whether `@WithLock` decorates the method. */
export const hasLock = (method: object): boolean => Reflect.hasMetadata(WITH_LOCK, method);

/** Whether `@HeldLock()` decorates a parameter of the method. */
export const heldLockParam = (prototype: object, property: string | symbol): number | undefined =>
  Reflect.getMetadata(HELD_LOCK, prototype, property) as number | undefined;

const notBound = (label: string) =>
  configInvalid(
    `${label} wants a lock, but its instance is not one that LocksModule knows`,
    'Import LocksModule.forRoot(), make the class a provider, and call it after the module has been initialised',
  );

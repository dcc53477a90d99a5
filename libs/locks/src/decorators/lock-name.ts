import { ErrorCode, MillraceError } from '@millrace/core';

/** A lock's name: text with argument paths, or a function of the arguments. */
export type LockName<A extends readonly unknown[] = never[]> = string | ((...args: A) => string);

const PLACE = /\{([^{}]*)\}/g;
const PATH = /^[A-Za-z0-9_$]+(\.[A-Za-z0-9_$]+)*$/;

/** Whether every `{…}` of a name is a path. */
export const isLockTemplate = (template: string): boolean =>
  [...template.matchAll(PLACE)].every(([, path = '']) => PATH.test(path));

/**
 * The name of the lock for a call: `{0.id}` is a path from the arguments, one that does not begin with a
 * number, such as `{orderId}`, a path from the first argument. Names of parameters do not count: they do not
 * survive a minifier.
 * @throws MillraceError `LOCK_NAME_INVALID` where a path leads to nothing that is text or a number.
 */
export const lockNameOf = (name: LockName, args: readonly unknown[]): string => {
  if (typeof name === 'function') return fromFunction(name, args);
  return name.replace(PLACE, (_, path: string) => {
    const steps = path.split('.');
    const whole = /^\d/.test(path) ? steps : ['0', ...steps];
    const value = whole.reduce<unknown>(
      (from, step) => (from === null || from === undefined ? undefined : Reflect.get(Object(from), step)),
      args,
    );
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
      return `${value}`;
    throw nameInvalid(name, `{${path}} is ${value === null ? 'null' : typeof value}`);
  });
};

const fromFunction = (name: (...args: never[]) => string, args: readonly unknown[]): string => {
  const made: unknown = name(...(args as never[]));
  if (typeof made === 'string') return made;
  throw nameInvalid('(a function)', `it returned ${typeof made}`);
};

const nameInvalid = (template: string, why: string): MillraceError =>
  new MillraceError(ErrorCode.LockNameInvalid, `The lock name '${template}' cannot be made: ${why}`, {
    remedy: "Name a property that holds text or a number, as in 'order:{orderId}' or 'order:{1.id}'",
    details: { template },
  });

import 'reflect-metadata';
import type { ClassOf } from '../contracts/event.decorator.js';

const ENCRYPTED = Symbol.for('@millrace/core:encrypted');

let used = false;

/**
 * Declares that a property of a bucket's or an event's class is stored encrypted (AES-256-GCM). Needs
 * `NatsModule.forRoot({ encryption: { keys } })`. Validation and handlers see the plain value. Only properties
 * of the class itself: of a nested class it is refused, so encrypt the property that holds the whole of it.
 */
export const Encrypted = (): PropertyDecorator => (prototype, property) => {
  used = true;
  Reflect.defineMetadata(ENCRYPTED, [...recordedOn(prototype), String(property)], prototype);
};

const NONE: readonly string[] = [];

/** The properties of `target` under `@Encrypted`, inherited ones included. */
export const encryptedPropertiesOf = (target: ClassOf<object>): readonly string[] =>
  used ? recordedOn(target.prototype as object) : NONE;

const recordedOn = (prototype: object): readonly string[] =>
  (Reflect.getMetadata(ENCRYPTED, prototype) ?? NONE) as readonly string[];

/** The first property under `@Encrypted` of an object within `value`, as a path; `undefined` where there is none. */
export const findNestedEncrypted = (value: object): string | undefined =>
  used ? searchNested(value, '', new Set()) : undefined;

const searchNested = (value: object, path: string, seen: Set<object>): string | undefined => {
  seen.add(value);
  for (const [name, nested] of Object.entries(value)) {
    if (typeof nested !== 'object' || nested === null || seen.has(nested as object)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const prototype = Object.getPrototypeOf(nested) as object | null;
    const [property] = prototype ? recordedOn(prototype) : NONE;
    if (property !== undefined) return `${at}.${property}`;
    const deeper = searchNested(nested as object, at, seen);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
};

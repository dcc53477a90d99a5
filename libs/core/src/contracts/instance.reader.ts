import { ClassConstructor, plainToInstance } from 'class-transformer';
import { ClassReadings, readingsOf } from './transform.metadata.js';

/** Stands for a value that only class-transformer can read. */
const UNSURE: unique symbol = Symbol('unsure');

type Constructor = new () => object;

/** Types that are not classes to fill, and how class-transformer makes a value one. */
const SCALARS: ReadonlyMap<Function, (value: unknown) => unknown> = new Map<
  Function,
  (value: unknown) => unknown
>([
  [String, (value) => String(value)],
  [Number, (value) => Number(value)],
  [Boolean, (value) => Boolean(value)],
  [Date, (value) => (value instanceof Date ? new Date(value.valueOf()) : new Date(value as string))],
]);

/**
 * What `plainToInstance(target, value)` gives, with what `@Type` declares looked up once for each class and not
 * for each value. An object that this cannot be sure about is given to class-transformer: one of a class with
 * `@Transform`, `@Expose`, `@Exclude` or a discriminator, or one that holds a Map, a Set, a Buffer or a promise.
 */
export const readInstance = <T extends object>(target: ClassConstructor<T>, value: object): T => {
  const readings = readingsOf(target);
  const read = readings ? fill(new target(), { target, readings, value }) : UNSURE;
  return read === UNSURE ? plainToInstance(target, value) : read;
};

interface Filling {
  target: Function | undefined;
  readings: ClassReadings | undefined;
  value: object;
}

const fill = <T extends object>(
  instance: T,
  { target = Object, readings, value }: Filling,
): T | typeof UNSURE => {
  // A class may shadow what class-transformer finds its prototype by.
  if (instance.constructor !== target) return UNSURE;
  const result = instance as Record<string, unknown>;
  const source = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(source)) {
    if (key === '__proto__' || key === 'constructor') continue;
    const reading = readings?.of(key);
    if (reading?.kind === 'special') return UNSURE;
    if (reading?.kind === 'skip' || typeof result[key] === 'function') continue;
    const given = source[key];
    if (reading?.arrays === false && Array.isArray(given)) return UNSURE;
    const read = readValue(given, reading?.type);
    if (read === UNSURE) return UNSURE;
    result[key] = read;
  }
  return instance;
};

const readValue = (value: unknown, type: Function | undefined): unknown => {
  if (typeof value !== 'object') return readPrimitive(value, type);
  if (value === null) return value;
  if (Array.isArray(value)) return readArray(value, type);
  if (isSpecial(value)) return UNSURE;
  const scalar = type && SCALARS.get(type);
  if (scalar) return scalar(value);
  if (value instanceof Date) return new Date(value.valueOf());
  return readObject(value, type);
};

const readPrimitive = (value: unknown, type: Function | undefined): unknown => {
  if (type === undefined || value === undefined) return value;
  if (type === Buffer) return UNSURE;
  const scalar = SCALARS.get(type);
  return scalar ? scalar(value) : value;
};

const readArray = (values: readonly unknown[], type: Function | undefined): unknown => {
  const result: unknown[] = [];
  for (let at = 0; at < values.length; at++) {
    // A hole is no value: class-transformer closes it.
    if (!(at in values)) continue;
    const read = readValue(values[at], type);
    if (read === UNSURE) return UNSURE;
    result.push(read);
  }
  return result;
};

const isSpecial = (value: object): boolean =>
  value instanceof Map ||
  value instanceof Set ||
  value instanceof Buffer ||
  typeof (value as { then?: unknown }).then === 'function';

const readObject = (value: object, type: Function | undefined): unknown => {
  if (type === undefined) {
    const { constructor } = value;
    if (constructor === Object) return fill({}, { target: Object, readings: undefined, value });
    // Without a type it is copied as what it is, where it is anything at all.
    return isConstructor(constructor) ? readInstance(constructor, value) : UNSURE;
  }
  return isConstructor(type) && (type as Function) !== Buffer ? readInstance(type, value) : UNSURE;
};

const isConstructor = (value: unknown): value is Constructor => typeof value === 'function';

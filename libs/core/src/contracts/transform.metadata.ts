import 'reflect-metadata';
import { TransformationType, Type } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';

/** What becomes of one property when class-transformer reads plain data into a class. */
export type PropertyReading =
  /** The class has a method or a getter of that name: left alone. */
  | { kind: 'skip' }
  | {
      kind: 'read';
      type: Function | undefined;
      /** Whether an array becomes an array: the declared type may be a collection of its own. */
      arrays: boolean;
    }
  /** Declared in a way that only class-transformer understands. */
  | { kind: 'special' };

/** The readings that one class declares. */
export interface ClassReadings {
  of(property: string): PropertyReading;
}

class Probe {
  at?: Date;
}
Type(() => Date)(Probe.prototype, 'at');

/**
 * Whether the metadata seen here is what `@Type` writes: a bundler may give a program two copies of
 * class-transformer, and then nothing here can be relied on.
 */
const isShared = defaultMetadataStorage.findTypeMetadata(Probe, 'at') !== undefined;

/** How many properties of one class are remembered: the names that arrive are the sender's choice. */
const REMEMBERED = 256;

const SKIP: PropertyReading = { kind: 'skip' };
const SPECIAL: PropertyReading = { kind: 'special' };

/** Declared types under which class-transformer makes an array an array, and constructs nothing. */
const PLAIN_TYPES: ReadonlySet<unknown> = new Set([undefined, Array, Object, String, Number, Boolean, Date]);

const readingOf = (target: Function, property: string): PropertyReading => {
  const own = Object.getOwnPropertyDescriptor(target.prototype as object, property);
  if (own && !own.set) return SKIP;
  const transforms = defaultMetadataStorage.findTransformMetadatas(
    target,
    property,
    TransformationType.PLAIN_TO_CLASS,
  );
  if (transforms.length > 0) return SPECIAL;
  const metadata = defaultMetadataStorage.findTypeMetadata(target, property);
  if (!metadata) return { kind: 'read', type: undefined, arrays: true };
  const { typeFunction, options } = metadata;
  const declared: unknown = metadata.reflectedType;
  // A function that looks at the data may give another class for every value.
  if (!typeFunction || typeFunction.length > 0 || options?.discriminator) return SPECIAL;
  if (declared === Map) return SPECIAL;
  return { kind: 'read', type: typeFunction(), arrays: PLAIN_TYPES.has(declared) };
};

const createReadings = (target: Function): ClassReadings => {
  const known = new Map<string, PropertyReading>();
  return {
    of: (property) => {
      const found = known.get(property);
      if (found) return found;
      const reading = readingOf(target, property);
      if (known.size < REMEMBERED) known.set(property, reading);
      return reading;
    },
  };
};

/** `@Expose` and `@Exclude` change which properties there are. */
const choosesProperties = (target: Function): boolean =>
  defaultMetadataStorage.getStrategy(target) !== 'none' ||
  defaultMetadataStorage.getExposedMetadatas(target).length > 0 ||
  defaultMetadataStorage.getExcludedMetadatas(target).length > 0;

const readingsByClass = new WeakMap<Function, ClassReadings | undefined>();

/** The readings of a class, looked up once; `undefined` for one that class-transformer must read itself. */
export const readingsOf = (target: Function): ClassReadings | undefined => {
  if (readingsByClass.has(target)) return readingsByClass.get(target);
  const readings = isShared && !choosesProperties(target) ? createReadings(target) : undefined;
  readingsByClass.set(target, readings);
  return readings;
};

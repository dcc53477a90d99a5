import 'reflect-metadata';
import { ClassOf, ErrorCode, MillraceError } from '@millrace/core';
import { BucketDefinition, BucketOptions, defineBucket } from '../bucket/bucket.definition.js';
import { TypedBucket } from '../bucket/typed.bucket.js';

const BUCKET = Symbol.for('@millrace/storage:bucket');

/**
 * Declares a class-validator class as the values of a bucket.
 *
 * @param name becomes the stream `KV_<name>`.
 * @throws MillraceError `CONFIG_INVALID` or `DURATION_INVALID` for options that cannot work.
 */
export const Bucket =
  (name: string, options: BucketOptions = {}) =>
  (target: ClassOf<object>): void => {
    Reflect.defineMetadata(BUCKET, defineBucket(name, target, options), target);
  };

/** The bucket of values of `T`. Inject it with `@InjectBucket(T)`. */
export type Bucket<T extends object> = TypedBucket<T>;

/** What `@Bucket` recorded on exactly this class; `undefined` for any other class. */
export const findBucketDefinition = <T extends object>(target: ClassOf<T>): BucketDefinition<T> | undefined =>
  Reflect.getOwnMetadata(BUCKET, target) as BucketDefinition<T> | undefined;

/** @throws MillraceError `CONTRACT_UNKNOWN` for a class without `@Bucket`. */
export const bucketDefinitionOf = <T extends object>(target: ClassOf<T>): BucketDefinition<T> => {
  const definition = findBucketDefinition(target);
  if (definition) return definition;
  const name = target.name || 'This class';
  throw new MillraceError(ErrorCode.ContractUnknown, `${name} has no bucket`, {
    remedy: "Decorate the class with @Bucket('<name>')",
    details: { class: target.name },
  });
};

import 'reflect-metadata';
import { Inject } from '@nestjs/common';
import { ClassOf } from '@millrace/core';
import { bucketDefinitionOf } from './bucket.decorator.js';

const CACHED = Symbol.for('@millrace/storage:cached');

/**
 * The injection token of a class's cached bucket. Asking for it has the cache filled when the application starts.
 * @throws MillraceError `CONTRACT_UNKNOWN` for a class without a bucket.
 */
export const getCachedBucketToken = (target: ClassOf<object>): string => {
  Reflect.defineMetadata(CACHED, true, target);
  return cachedBucketToken(target);
};

/** As {@link getCachedBucketToken}, without asking for the cache. */
export const cachedBucketToken = (target: ClassOf<object>): string =>
  `@millrace/storage:cached:${bucketDefinitionOf(target).name}`;

/** Whether anybody asks for the cache of this class: one that nobody reads takes no memory. */
export const isCacheWanted = (target: ClassOf<object>): boolean =>
  Reflect.getOwnMetadata(CACHED, target) === true;

/** Injects the `CachedBucket` of a class that `StorageModule.forFeature` names. */
export const InjectCachedBucket = (target: ClassOf<object>): ParameterDecorator & PropertyDecorator =>
  Inject(getCachedBucketToken(target));

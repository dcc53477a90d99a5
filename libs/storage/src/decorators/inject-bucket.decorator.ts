import { Inject } from '@nestjs/common';
import { ClassOf } from '@millrace/core';
import { bucketDefinitionOf } from './bucket.decorator.js';

/** The injection token of a class's bucket. @throws MillraceError `CONTRACT_UNKNOWN` for a class without one. */
export const getBucketToken = (target: ClassOf<object>): string =>
  `@millrace/storage:bucket:${bucketDefinitionOf(target).name}`;

/** Injects the `Bucket` of a class that `StorageModule.forFeature` names. */
export const InjectBucket = (target: ClassOf<object>): ParameterDecorator & PropertyDecorator =>
  Inject(getBucketToken(target));

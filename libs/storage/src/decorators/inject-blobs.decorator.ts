import { Inject } from '@nestjs/common';

/** The injection token of a store of blobs. */
export const getBlobsToken = (name: string): string => `@millrace/storage:blobs:${name}`;

/** Injects the `Blobs` that `StorageModule.forBlobs` names. */
export const InjectBlobs = (name: string): ParameterDecorator & PropertyDecorator =>
  Inject(getBlobsToken(name));

import { DynamicModule, FactoryProvider, Global, Module } from '@nestjs/common';
import { ClassOf, getConnectionToken, LifecycleModule, MillraceConnection } from '@millrace/core';
import { BucketRegistry } from './bucket.registry.js';
import { TypedBucket } from './bucket/typed.bucket.js';
import { getBucketToken } from './decorators/inject-bucket.decorator.js';
import {
  ConfigurableModuleClass,
  STORAGE_OPTIONS,
  StorageModuleOptions,
} from './storage.module-definition.js';

export interface StorageFeatureOptions {
  /** Which connection keeps these buckets, where an application has several. */
  connection?: string;
}

/** One registry for the whole application, however many modules use buckets. */
@Global()
@Module({ imports: [LifecycleModule], providers: [BucketRegistry], exports: [BucketRegistry] })
class BucketRegistryModule {}

/**
 * Gives modules their buckets: `StorageModule.forFeature([UserProfile])`, beside a global `NatsModule`.
 * `forRoot` and `forRootAsync` change what holds for all of them.
 */
@Module({ imports: [BucketRegistryModule] })
export class StorageModule extends ConfigurableModuleClass {
  /** Provisions the buckets of these classes while Nest resolves providers, so `onModuleInit` may use them. */
  static forFeature(
    classes: readonly ClassOf<object>[],
    { connection }: StorageFeatureOptions = {},
  ): DynamicModule {
    const providers = classes.map((target) => provideBucket(target, connection));
    return { module: StorageModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

const provideBucket = (
  target: ClassOf<object>,
  connection: string | undefined,
): FactoryProvider<Promise<TypedBucket<object>>> => ({
  provide: getBucketToken(target),
  inject: [
    getConnectionToken(connection),
    BucketRegistry,
    // `forRoot` may be left out.
    { token: STORAGE_OPTIONS, optional: true },
  ],
  useFactory: (opened: MillraceConnection, registry: BucketRegistry, options?: StorageModuleOptions) =>
    registry.open(opened, target, options ?? {}),
});

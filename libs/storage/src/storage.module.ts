import { DynamicModule, FactoryProvider, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import {
  ClassOf,
  getConnectionToken,
  LifecycleModule,
  MillraceConnection,
  replicated,
  RightsRegistry,
} from '@millrace/core';
import { BlobStoreOptions, Blobs } from './blobs/blob.store.js';
import { BucketRegistry } from './bucket.registry.js';
import { TypedBucket } from './bucket/typed.bucket.js';
import { ChangeExplorer } from './change.explorer.js';
import { ChangeOrchestrator } from './change.orchestrator.js';
import { CachedBucket } from './changes/cached.bucket.js';
import { getBlobsToken } from './decorators/inject-blobs.decorator.js';
import { getBucketToken } from './decorators/inject-bucket.decorator.js';
import { cachedBucketToken, isCacheWanted } from './decorators/inject-cached-bucket.decorator.js';
import { blobRights } from './rights/blob.rights.js';
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
@Module({
  imports: [DiscoveryModule, LifecycleModule],
  providers: [BucketRegistry, ChangeExplorer, ChangeOrchestrator],
  exports: [BucketRegistry],
})
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
    const providers = classes.flatMap((target) => [
      provideBucket(target, connection),
      provideCache(target, connection),
    ]);
    return { module: StorageModule, providers, exports: providers.map(({ provide }) => provide) };
  }

  /** Provisions an object store for large values. Inject it with `@InjectBlobs(name)`. */
  static forBlobs(
    name: string,
    { connection, ...options }: BlobStoreOptions & StorageFeatureOptions = {},
  ): DynamicModule {
    const provider = provideBlobs(name, options, connection);
    return { module: StorageModule, providers: [provider], exports: [provider.provide] };
  }
}

const provideBlobs = (
  name: string,
  options: BlobStoreOptions,
  connection: string | undefined,
): FactoryProvider<Promise<Blobs>> => ({
  provide: getBlobsToken(name),
  inject: [getConnectionToken(connection), RightsRegistry, { token: STORAGE_OPTIONS, optional: true }],
  useFactory: (opened: MillraceConnection, rights: RightsRegistry, module?: StorageModuleOptions) => {
    rights.add(opened, { rights: () => blobRights(name) });
    return Blobs.open(opened, name, {
      ...replicated(module?.replicas),
      ...options,
      mode: module?.provision ?? 'create',
    });
  },
});

const provideBucket = (
  target: ClassOf<object>,
  connection: string | undefined,
): FactoryProvider<Promise<TypedBucket<object>>> => ({
  provide: getBucketToken(target),
  inject: registryOf(connection),
  useFactory: (opened: MillraceConnection, registry: BucketRegistry, options?: StorageModuleOptions) =>
    registry.open(opened, target, options ?? {}),
});

/** Filled only where somebody injects it. */
const provideCache = (
  target: ClassOf<object>,
  connection: string | undefined,
): FactoryProvider<Promise<CachedBucket<object> | undefined>> => ({
  provide: cachedBucketToken(target),
  inject: registryOf(connection),
  useFactory: async (opened: MillraceConnection, registry: BucketRegistry, options?: StorageModuleOptions) =>
    isCacheWanted(target) ? registry.openCache(opened, target, options ?? {}) : undefined,
});

const registryOf = (connection: string | undefined): NonNullable<FactoryProvider['inject']> => [
  getConnectionToken(connection),
  BucketRegistry,
  // `forRoot` may be left out.
  { token: STORAGE_OPTIONS, optional: true },
];

export { Bucket, bucketDefinitionOf, findBucketDefinition } from './decorators/bucket.decorator.js';
export {
  Blobs,
  type BlobInfo,
  type BlobSource,
  type BlobStoreOptions,
  type PutBlobOptions,
  type StoredBlob,
} from './blobs/blob.store.js';
export { getBlobsToken, InjectBlobs } from './decorators/inject-blobs.decorator.js';
export { OnChange } from './decorators/on-change.decorator.js';
export { getCachedBucketToken, InjectCachedBucket } from './decorators/inject-cached-bucket.decorator.js';
export { CachedBucket, type WaitForOptions } from './changes/cached.bucket.js';
export { ChangeDelivery } from './changes/change.delivery.js';
export { type OnChangeOptions } from './changes/change.options.js';
export { getBucketToken, InjectBucket } from './decorators/inject-bucket.decorator.js';
export { defineBucket, type BucketDefinition, type BucketOptions } from './bucket/bucket.definition.js';
export { type Entry } from './bucket/entry.js';
export {
  type DeleteOptions,
  type EntriesOptions,
  type TypedBucket,
  type WriteOptions,
} from './bucket/typed.bucket.js';
export { type KeyFilter } from './bucket/key.filter.js';
export { type Change, type ChangeKind, type PutChange, type RemovalChange } from './changes/change.js';
export { type Watch, type WatchOptions } from './changes/watch.js';
export { type FeedStart } from './changes/stream.feed.js';
export { type MutateOptions, type MutateResult, type Mutation } from './bucket/mutator.js';
export {
  type CommitAllDecision,
  type CommitAllResult,
  type CommitDecision,
  type CommitOptions,
  type CommitResult,
  type Decide,
  type DecideAll,
} from './bucket/commit.js';
export { type ReencryptResult } from './bucket/key.reencrypter.js';
export { type KeyState } from './bucket/commit.planner.js';
export { FencedOutError, type Fence } from './bucket/fence.js';
export { RevisionConflictError } from './bucket/storage.errors.js';
export { createBucket, type BucketSettings } from './bucket/bucket.factory.js';
export { type ReadFrom } from './bucket/record.reader.js';
export {
  provisionBucket,
  type ProvisionedBucket,
  type ProvisionSettings,
} from './provisioning/bucket.provisioner.js';
export { type StorageModuleOptions } from './storage.module-definition.js';
export { StorageModule, type StorageFeatureOptions } from './storage.module.js';
export { bucketRights } from './rights/bucket.rights.js';

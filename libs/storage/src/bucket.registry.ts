import { Injectable } from '@nestjs/common';
import {
  ClassOf,
  ErrorCode,
  LifecycleCoordinator,
  LifecyclePhase,
  MillraceConnection,
  MillraceError,
  replicated,
  RightsRegistry,
  withDefaultReplicas,
} from '@millrace/core';
import { createBucket } from './bucket/bucket.factory.js';
import { JetStreamBucket } from './bucket/jetstream.bucket.js';
import { CachedBucket } from './changes/cached.bucket.js';
import { TypedBucket } from './bucket/typed.bucket.js';
import { bucketDefinitionOf } from './decorators/bucket.decorator.js';
import { ProvisionedBucket, provisionBucket } from './provisioning/bucket.provisioner.js';
import { bucketRights } from './rights/bucket.rights.js';
import { StorageModuleOptions } from './storage.module-definition.js';

const PURGE_EVERY_MS = 5000;

interface OpenBucket {
  target: ClassOf<object>;
  opening: Promise<JetStreamBucket<object>>;
  cache?: Promise<CachedBucket<object>>;
}

/** A bucket that is open. */
export interface OpenedBucket {
  target: ClassOf<object>;
  bucket: JetStreamBucket<object>;
  /** Makes its streams again, when they were deleted. */
  restore: () => Promise<void>;
}

/** Opens each bucket once per connection, however many modules ask for it. */
@Injectable()
export class BucketRegistry {
  private readonly known = new Map<MillraceConnection, Map<string, OpenBucket>>();
  private readonly complete: OpenedBucket[] = [];

  constructor(
    private readonly lifecycle: LifecycleCoordinator,
    private readonly rights: RightsRegistry,
  ) {}

  /**
   * The bucket of `target`, its streams provisioned.
   * @throws MillraceError `CONTRACT_DUPLICATE` where another class has this bucket; `PROVISION_*`.
   */
  open(
    connection: MillraceConnection,
    target: ClassOf<object>,
    options: StorageModuleOptions,
  ): Promise<TypedBucket<object>> {
    return this.find(connection, target, options).opening;
  }

  /** The cache of a bucket, filled; one for all who ask. Throws as {@link open}. */
  openCache(
    connection: MillraceConnection,
    target: ClassOf<object>,
    options: StorageModuleOptions,
  ): Promise<CachedBucket<object>> {
    const open = this.find(connection, target, options);
    return (open.cache ??= this.fillCache(open));
  }

  /** The buckets of `target` that are open, one for each connection. */
  opened(target: ClassOf<object>): OpenedBucket[] {
    return this.complete.filter((opened) => opened.target === target);
  }

  private find(
    connection: MillraceConnection,
    target: ClassOf<object>,
    options: StorageModuleOptions,
  ): OpenBucket {
    const { name } = bucketDefinitionOf(target);
    const ofConnection = this.known.get(connection) ?? new Map<string, OpenBucket>();
    this.known.set(connection, ofConnection);
    const known = ofConnection.get(name);
    if (known && known.target !== target) throw duplicateBucket(name, known.target, target);
    const open = known ?? { target, opening: this.create(connection, target, options) };
    ofConnection.set(name, open);
    return open;
  }

  private async fillCache({ opening }: OpenBucket): Promise<CachedBucket<object>> {
    const cache = (await opening).cached();
    this.lifecycle.register({
      name: `cache of bucket '${cache.name}'`,
      phase: LifecyclePhase.Provision,
      stop: () => Promise.resolve(cache.close()),
    });
    await cache.start();
    return cache;
  }

  private async create(
    connection: MillraceConnection,
    target: ClassOf<object>,
    { provision = 'create', contexts, replicas }: StorageModuleOptions,
  ): Promise<JetStreamBucket<object>> {
    const declared = bucketDefinitionOf(target);
    const definition = { ...declared, options: { ...replicated(replicas), ...declared.options } };
    const ensure = (): Promise<ProvisionedBucket> =>
      provisionBucket(connection, definition, {
        mode: provision,
        contexts: withDefaultReplicas(contexts, replicas),
      });
    const { readFrom, history } = await ensure();
    const bucket = createBucket(connection, definition, {
      readFrom,
      history,
      purgeEveryMs: PURGE_EVERY_MS,
    });
    this.lifecycle.register({
      name: `bucket '${definition.name}'`,
      phase: LifecyclePhase.Provision,
      stop: () => bucket.close(),
    });
    this.rights.add(connection, { rights: () => bucketRights(definition) });
    this.complete.push({ target, bucket, restore: async () => void (await ensure()) });
    return bucket;
  }
}

const duplicateBucket = (name: string, known: ClassOf<object>, other: ClassOf<object>): MillraceError =>
  new MillraceError(
    ErrorCode.ContractDuplicate,
    `${known.name} and ${other.name} both declare the bucket '${name}'`,
    { remedy: 'Rename the bucket of one of them, or keep only one class', details: { bucket: name } },
  );

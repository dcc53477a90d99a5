import { Injectable } from '@nestjs/common';
import {
  ClassOf,
  ErrorCode,
  LifecycleCoordinator,
  LifecyclePhase,
  MillraceConnection,
  MillraceError,
} from '@millrace/core';
import { createBucket } from './bucket/bucket.factory.js';
import { JetStreamBucket } from './bucket/jetstream.bucket.js';
import { TypedBucket } from './bucket/typed.bucket.js';
import { bucketDefinitionOf } from './decorators/bucket.decorator.js';
import { provisionBucket } from './provisioning/bucket.provisioner.js';
import { StorageModuleOptions } from './storage.module-definition.js';

const PURGE_EVERY_MS = 5000;

interface OpenBucket {
  target: ClassOf<object>;
  opening: Promise<JetStreamBucket<object>>;
}

/** Opens each bucket once per connection, however many modules ask for it. */
@Injectable()
export class BucketRegistry {
  private readonly opened = new Map<MillraceConnection, Map<string, OpenBucket>>();

  constructor(private readonly lifecycle: LifecycleCoordinator) {}

  /**
   * The bucket of `target`, its streams provisioned.
   * @throws MillraceError `CONTRACT_DUPLICATE` where another class has this bucket; `PROVISION_*`.
   */
  open(
    connection: MillraceConnection,
    target: ClassOf<object>,
    options: StorageModuleOptions,
  ): Promise<TypedBucket<object>> {
    const { name } = bucketDefinitionOf(target);
    const ofConnection = this.opened.get(connection) ?? new Map<string, OpenBucket>();
    this.opened.set(connection, ofConnection);
    const known = ofConnection.get(name);
    if (known && known.target !== target) throw duplicateBucket(name, known.target, target);
    const opening = known?.opening ?? this.create(connection, target, options);
    ofConnection.set(name, { target, opening });
    return opening;
  }

  private async create(
    connection: MillraceConnection,
    target: ClassOf<object>,
    { provision = 'create', contexts = {} }: StorageModuleOptions,
  ): Promise<JetStreamBucket<object>> {
    const definition = bucketDefinitionOf(target);
    const { readFrom, history } = await provisionBucket(connection, definition, {
      mode: provision,
      contexts,
    });
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
    return bucket;
  }
}

const duplicateBucket = (name: string, known: ClassOf<object>, other: ClassOf<object>): MillraceError =>
  new MillraceError(
    ErrorCode.ContractDuplicate,
    `${known.name} and ${other.name} both declare the bucket '${name}'`,
    { remedy: 'Rename the bucket of one of them, or keep only one class', details: { bucket: name } },
  );

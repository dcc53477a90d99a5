import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, OnModuleInit, Optional } from '@nestjs/common';
import {
  ErrorCode,
  HealthRegistry,
  LifecycleCoordinator,
  LifecyclePhase,
  MillraceError,
  replicated,
  RightsRegistry,
  toMillis,
} from '@millrace/core';
import { BucketRegistry, OpenedBucket } from './bucket.registry.js';
import { ChangeExplorer, ChangeHandlerDefinition } from './change.explorer.js';
import { resolveChangeOptions } from './changes/change.options.js';
import { ChangeSubscription } from './changes/change.subscription.js';
import { bucketDefinitionOf } from './decorators/bucket.decorator.js';
import { changeRights } from './rights/change.rights.js';
import { STORAGE_OPTIONS, type StorageModuleOptions } from './storage.module-definition.js';

/** Starts the change handlers that the explorer found, and stops them. */
@Injectable()
export class ChangeOrchestrator implements OnModuleInit {
  private readonly log = new Logger('Storage');
  private readonly replica = randomUUID().slice(0, 8);
  private readonly subscriptions: ChangeSubscription[] = [];
  private readonly options: StorageModuleOptions;

  constructor(
    private readonly explorer: ChangeExplorer,
    private readonly buckets: BucketRegistry,
    private readonly lifecycle: LifecycleCoordinator,
    private readonly health: HealthRegistry,
    private readonly rights: RightsRegistry,
    // `forRoot` may be left out.
    @Optional() @Inject(STORAGE_OPTIONS) options?: StorageModuleOptions,
  ) {
    this.options = options ?? {};
  }

  onModuleInit(): void {
    this.health.add(() => this.subscriptions.map(({ health }) => health));
    this.lifecycle.register({
      name: 'change consumers',
      phase: LifecyclePhase.Provision,
      start: () => this.provision(),
    });
    this.lifecycle.register({
      name: 'change handlers',
      phase: LifecyclePhase.Consume,
      start: () => this.start(),
      stop: async () =>
        void (await Promise.all(this.subscriptions.map((subscription) => subscription.stop()))),
    });
  }

  private async provision(): Promise<void> {
    const labels = new Map<string, string>();
    for (const definition of this.explorer.explore()) {
      for (const opened of this.openedFor(definition)) {
        const subscription = this.subscribe(definition, opened);
        refuseSharedGroup(labels, subscription, definition.label);
        this.subscriptions.push(subscription);
        this.rights.add(opened.bucket.source.connection, { rights: () => changeRights(subscription.plan) });
      }
    }
    await Promise.all(this.subscriptions.map((subscription) => subscription.provision()));
  }

  private start(): Promise<void> {
    for (const subscription of this.subscriptions) {
      subscription.start();
      this.log.log(`${subscription.group} handles changes of bucket '${subscription.bucket}'`);
    }
    return Promise.resolve();
  }

  private openedFor({ target, label }: ChangeHandlerDefinition): OpenedBucket[] {
    const opened = this.buckets.opened(target);
    if (opened.length > 0) return opened;
    throw new MillraceError(
      ErrorCode.ConfigInvalid,
      `${label} handles changes of the bucket '${bucketDefinitionOf(target).name}', which is not open`,
      {
        remedy: `Name ${target.name} in StorageModule.forFeature([…]) of a module of this application`,
        details: { handler: label },
      },
    );
  }

  private subscribe(
    { options, defaultGroup, handler }: ChangeHandlerDefinition,
    { bucket, restore }: OpenedBucket,
  ): ChangeSubscription {
    const { provision = 'create', replicas, deadLetters, shutdownTimeout = '10s' } = this.options;
    const { source } = bucket;
    return new ChangeSubscription({
      source,
      key: options.key,
      options: resolveChangeOptions(options, `${source.connection.name}-${defaultGroup}`),
      handler,
      replica: this.replica,
      mode: provision,
      deadLetters: { ...replicated(replicas), ...deadLetters },
      restore,
      shutdownTimeoutMs: toMillis(shutdownTimeout, 'shutdownTimeout'),
    });
  }
}

// Two handlers in one group would each get a part of the changes, and each think it were all.
const refuseSharedGroup = (
  labels: Map<string, string>,
  { bucket, group }: ChangeSubscription,
  label: string,
): void => {
  const place = `${bucket} ${group}`;
  const other = labels.get(place);
  if (other !== undefined) {
    throw new MillraceError(
      ErrorCode.SubscriptionConflict,
      `${other} and ${label} use the group '${group}' for changes of the bucket '${bucket}'`,
      { remedy: 'Give each its own group', details: { group, handlers: [other, label] } },
    );
  }
  labels.set(place, label);
};

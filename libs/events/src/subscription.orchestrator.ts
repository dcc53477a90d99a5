import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import {
  errorMessage,
  HealthRegistry,
  LifecycleCoordinator,
  LifecyclePhase,
  RightsRegistry,
} from '@millrace/core';
import { publicationRights, readingRights } from './rights/publisher.rights.js';
import { ContextProvisioner } from './provisioning/context.provisioner.js';
import { EventPublisher } from './publishing/event.publisher.js';
import { Publications } from './publishing/publications.js';
import { Readings } from './reading/readings.js';
import { EventRouter } from './routing/event.router.js';
import { Receiver } from './routing/receiver.js';
import { Subscription } from './routing/subscription.js';
import { SubscriberExplorer } from './subscriber.explorer.js';

/** Starts what the explorer found, and stops it. */
@Injectable()
export class SubscriptionOrchestrator implements OnModuleInit {
  private readonly log = new Logger('Events');
  private declared: Subscription[] = [];

  constructor(
    private readonly explorer: SubscriberExplorer,
    private readonly router: EventRouter,
    private readonly contexts: ContextProvisioner,
    private readonly receiver: Receiver,
    private readonly publisher: EventPublisher,
    private readonly publications: Publications,
    private readonly readings: Readings,
    private readonly lifecycle: LifecycleCoordinator,
    private readonly health: HealthRegistry,
    private readonly rights: RightsRegistry,
  ) {}

  onModuleInit(): void {
    this.health.add(() => this.router.list().map(({ health }) => health));
    this.rights.add(this.router.connection, {
      rights: () => [
        ...this.publications.all().flatMap(publicationRights),
        ...this.readings.all().flatMap(readingRights),
        ...this.router.rights(),
      ],
    });
    this.lifecycle.register({
      name: 'streams',
      phase: LifecyclePhase.Provision,
      start: () => this.provision(),
    });
    this.lifecycle.register({
      name: 'subscribers',
      phase: LifecyclePhase.Consume,
      start: () => this.start(),
      stop: () => this.stop(),
    });
  }

  private async provision(): Promise<void> {
    this.declared = this.explorer.explore(this.router.app).map((definition) => this.router.add(definition));
    await Promise.all(this.contexts.declared().map((context) => this.contexts.ensure(context)));
    // One after the other: those of one context change one stream.
    for (const publication of this.publications.all()) await this.publisher.provision(publication);
    await Promise.all(this.declared.map((subscription) => subscription.provision()));
  }

  private async start(): Promise<void> {
    await Promise.all(this.declared.map((subscription) => subscription.start()));
    for (const { group, target } of this.declared) this.log.log(`${group} subscribes to ${target}`);
    void this.reportAbandoned();
  }

  private async stop(): Promise<void> {
    this.receiver.stop();
    await Promise.all([
      ...this.router.list().map((subscription) => subscription.unsubscribe()),
      this.router.deadLetters.stop(this.router.shutdownTimeoutMs),
    ]);
  }

  // A renamed group leaves its old consumer behind. Deleting it is not ours to decide: an older replica may use it.
  private async reportAbandoned(): Promise<void> {
    try {
      for (const { context, group, pending } of await this.router.findAbandoned()) {
        this.log.warn(
          `The group '${group}' has no subscriber in this application any more (${pending} events of '${context}' wait). ` +
            `If it was renamed, delete its consumer: 'nats consumer rm EVENTS_${context} ${group}'`,
        );
      }
    } catch (error) {
      this.log.debug(`Abandoned groups could not be looked for: ${errorMessage(error)}`);
    }
  }
}

import { randomUUID } from 'node:crypto';
import {
  ContractRegistry,
  ErrorCode,
  eventStreamName,
  MillraceConnection,
  MillraceError,
  Right,
} from '@millrace/core';
import { appOf, GroupControl, groupOf } from '@millrace/delivery';
import { ContextDirectory } from '../provisioning/context.directory.js';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { subscriberRights } from '../rights/subscriber.rights.js';
import { handlingOf } from './event.handling.js';
import { eventPipeline } from './event.pipeline.js';
import { EventDeadLetters } from './event.dead-letters.js';
import { EventsPlugins } from './events.plugins.js';
import { SubscriberDefinition } from './subscriber.definition.js';
import { ResolvedOptions, SubscribeDefaults } from './subscription.options.js';
import { contextsOf, ResolvedTarget, resolveTarget } from './subscription.target.js';
import { Subscription } from './subscription.js';

export interface EventRouterParts {
  connection: MillraceConnection;
  registry: ContractRegistry;
  contexts: ContextProvisioner;
  plugins: EventsPlugins;
  defaults: SubscribeDefaults;
  shutdownTimeoutMs: number;
}

/** Turns subscribers into subscriptions, and knows those at work. */
export class EventRouter {
  readonly deadLetters: EventDeadLetters;
  private readonly subscriptions = new Map<Subscription, string>();
  private readonly directory: ContextDirectory;
  private readonly replica = randomUUID().slice(0, 8);

  constructor(private readonly own: EventRouterParts) {
    this.directory = new ContextDirectory(own.connection);
    this.deadLetters = new EventDeadLetters({
      ...own,
      owns: (stream, consumer) => this.list().some((subscription) => subscription.owns(stream, consumer)),
    });
  }

  get connection(): MillraceConnection {
    return this.own.connection;
  }

  /** The application's name. */
  get app(): string {
    return this.own.connection.name;
  }

  get shutdownTimeoutMs(): number {
    return this.own.shutdownTimeoutMs;
  }

  /** The subscriptions at work. */
  list(): Subscription[] {
    return [...this.subscriptions.keys()];
  }

  /** What the subscriptions at work need. @throws MillraceError `RIGHTS_UNBOUNDED` */
  rights(): Right[] {
    const { connection, contexts } = this.own;
    const plans = this.list().map((subscription) => subscription.plan);
    const { name: app } = connection;
    return subscriberRights(plans, { app, advisories: contexts.advisories });
  }

  /**
   * Takes a subscriber in; nothing is asked of the server yet.
   * @throws MillraceError `CONFIG_INVALID`, `CONTRACT_…` or `SUBSCRIPTION_CONFLICT`.
   */
  add(definition: SubscriberDefinition): Subscription {
    const { connection, contexts, defaults, shutdownTimeoutMs } = this.own;
    const target = resolveTarget(definition.target, (event) => this.own.registry.register(event));
    const { options, handler } = handlingOf(definition, defaults, connection.clock);
    this.refuseSharedGroup(target, options, definition.label);
    const control = new GroupControl({
      connection,
      options,
      scope: 'events',
      restore: () => contexts.restoreGroups(),
    });
    const subscription: Subscription = new Subscription({
      connection,
      contexts,
      directory: this.directory,
      deadLetters: this.deadLetters,
      target,
      options,
      control,
      handler: eventPipeline({ ...this.own, target, options, control }, handler),
      replica: this.replica,
      shutdownTimeoutMs,
      onEnd: () => this.subscriptions.delete(subscription),
    });
    this.subscriptions.set(subscription, definition.label);
    return subscription;
  }

  /** {@link add}, provisioned and started. */
  async open(definition: SubscriberDefinition): Promise<Subscription> {
    const subscription = this.add(definition);
    try {
      await subscription.provision();
      await subscription.start();
      return subscription;
    } catch (error) {
      await subscription.unsubscribe();
      throw error;
    }
  }

  /** Groups of this application on the server that no subscriber stands for: renamed, or deleted from the code. */
  async findAbandoned(): Promise<{ context: string; group: string; pending: number }[]> {
    const { connection } = this.own;
    const mine = new Set(this.list().map(({ group }) => group));
    const contexts = new Set(this.list().flatMap(({ contextNames }) => contextNames));
    const abandoned: { context: string; group: string; pending: number }[] = [];
    for (const context of contexts) {
      for await (const { config, num_pending: pending } of connection.jsm.consumers.list(
        eventStreamName(context),
      )) {
        const group = groupOf(config);
        if (!config.durable_name || group === undefined || appOf(config) !== connection.name) continue;
        if (!mine.has(group)) abandoned.push({ context, group, pending });
      }
    }
    return abandoned;
  }

  // Two subscribers in one group would each get a part of the events, and each think it were all.
  private refuseSharedGroup(target: ResolvedTarget, { group }: ResolvedOptions, label: string): void {
    const wanted = contextsOf(target);
    for (const [other, otherLabel] of this.subscriptions) {
      const shared = wanted === undefined || other.declaredContexts === undefined;
      if (
        other.group !== group ||
        !(shared || wanted.some((context) => other.declaredContexts?.includes(context)))
      ) {
        continue;
      }
      throw new MillraceError(
        ErrorCode.SubscriptionConflict,
        `${label} and ${otherLabel} use the group '${group}' in the same context`,
        {
          remedy: 'Give each its own group, or let one subscriber name all the event classes',
          details: { group, subscribers: [label, otherLabel] },
        },
      );
    }
  }
}

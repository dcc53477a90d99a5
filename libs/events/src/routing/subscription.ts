import { errorMessage, MillraceConnection, PartHealth } from '@millrace/core';
import {
  CircuitState,
  GroupControl,
  Handler,
  HandlerSlots,
  ManagedConsumer,
  StartFrom,
} from '@millrace/delivery';
import { ContextDirectory } from '../provisioning/context.directory.js';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { EventDeadLetters } from './event.dead-letters.js';
import { EventMessage } from './event.message.js';
import { ResolvedOptions } from './subscription.options.js';
import { OrderedPart } from './ordered.part.js';
import { SharedPart } from './shared.part.js';
import { SubscriptionPart } from './subscription.part.js';
import { contextsOf, ResolvedTarget } from './subscription.target.js';

export interface SubscriptionParts {
  connection: MillraceConnection;
  contexts: ContextProvisioner;
  directory: ContextDirectory;
  deadLetters: EventDeadLetters;
  target: ResolvedTarget;
  options: ResolvedOptions;
  control: GroupControl;
  handler: Handler<EventMessage>;
  /** Tells this replica's own consumers from those of others. */
  replica: string;
  shutdownTimeoutMs: number;
  onEnd: () => void;
}

/** A subscription as it was asked for. */
export type SubscriptionPlan = Pick<SubscriptionParts, 'target' | 'options'>;

const REJOIN_MS = 2000;

/** One subscriber at work: a consumer and a loop in every context that its target wants. */
export class Subscription {
  private readonly parts = new Map<string, SubscriptionPart>();
  private unfollow: (() => void) | undefined;
  private readonly joining = new Set<Promise<void>>();
  private started = false;
  private ending: Promise<void> | undefined;
  /** Of what is ordered, over all contexts and partitions. */
  private readonly slots: HandlerSlots;

  constructor(private readonly own: SubscriptionParts) {
    this.slots = new HandlerSlots(own.options.concurrency, own.control.loop.gate);
  }

  get group(): string {
    return this.own.options.group;
  }

  /** As shown in logs: `order.created, order.paid`. */
  get target(): string {
    return this.own.target.text;
  }

  /** The contexts that its target names; `undefined` where it wants all there are. */
  get declaredContexts(): string[] | undefined {
    return contextsOf(this.own.target);
  }

  /** The contexts it takes events from at present. */
  get contextNames(): string[] {
    return [...this.parts.keys()];
  }

  /** Events waiting or being handled in this replica. */
  get inHand(): number {
    return [...this.parts.values()].reduce((sum, { inHand }) => sum + inHand, 0);
  }

  /** Events that the group has yet to take, as the server told within the last ten seconds. */
  get lag(): number {
    return [...this.parts.values()].reduce((sum, { lag }) => sum + lag, 0);
  }

  /** The partitions of each context that this replica owns at present; none where order is not asked for. */
  get partitions(): Record<string, number[]> {
    return Object.fromEntries([...this.parts].map(([context, { partitions }]) => [context, partitions]));
  }

  /** The circuit breaker's state in this replica; `undefined` where there is none. */
  get circuit(): CircuitState | undefined {
    return this.own.control.circuit;
  }

  /** What it is, for whoever works out what it needs. */
  get plan(): SubscriptionPlan {
    const { target, options } = this.own;
    return { target, options };
  }

  /** Whether the consumer is one of its own. */
  owns(stream: string, consumer: string): boolean {
    return this.consumers.some((own) => own.stream === stream && own.name === consumer);
  }

  /** How it fares in this replica. */
  get health(): PartHealth {
    return this.own.control.healthOf(this.consumers);
  }

  /** Makes the consumers. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    const { contexts, deadLetters, options } = this.own;
    await Promise.all([
      contexts.ensureDeadLetters().then(() => deadLetters.provision()),
      contexts.ensureGroups(),
      ...(options.inboxTtlMs === undefined ? [] : [contexts.ensureInbox()]),
    ]);
    await Promise.all((this.declaredContexts ?? []).map((context) => this.addContext(context)));
  }

  /** Begins to take events. */
  async start(): Promise<void> {
    this.started = true;
    for (const part of this.parts.values()) part.start();
    await this.own.deadLetters.start();
    if (this.declaredContexts === undefined) {
      this.unfollow = await this.own.directory.follow((context, isNew) => this.join(context, isNew));
      // Ended while the contexts were being listed.
      if (this.ending) this.unfollow();
    }
  }

  /**
   * Pauses the whole group: the server delivers nothing more to whatever replica, until {@link resume}. What
   * replicas hold is finished. Survives restarts of server and applications.
   */
  async pause(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.pause()));
  }

  /** Ends a pause, whoever began it. */
  async resume(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.resume()));
  }

  /** Stops here; the group keeps its place, and other replicas go on. */
  unsubscribe(): Promise<void> {
    return (this.ending ??= this.end());
  }

  /** Stops here and deletes the group's consumers: its place in the stream is forgotten. */
  async remove(): Promise<void> {
    await this.unsubscribe();
    await Promise.all([...this.parts.values()].map((part) => part.remove()));
  }

  private get consumers(): ManagedConsumer[] {
    return [...this.parts.values()].flatMap((part) => part.consumers);
  }

  private async end(): Promise<void> {
    this.unfollow?.();
    await Promise.all(this.joining);
    const { options, control, shutdownTimeoutMs, onEnd } = this.own;
    const parts = [...this.parts.values()];
    await Promise.all(parts.map((part) => part.stop(shutdownTimeoutMs)));
    control.stop();
    if (options.mode === 'broadcast') await this.removeOwnConsumers(parts);
    onEnd();
  }

  // The server removes them by itself after a while; at once is tidier.
  private async removeOwnConsumers(parts: readonly SubscriptionPart[]): Promise<void> {
    if (this.own.connection.health.current.state !== 'connected') return;
    await Promise.allSettled(parts.map((part) => part.remove()));
  }

  private join(context: string, isNew: boolean): void {
    const joining = this.joinContext(context, isNew).finally(() => this.joining.delete(joining));
    this.joining.add(joining);
  }

  private async joinContext(context: string, isNew: boolean): Promise<void> {
    if (this.parts.has(context) || this.ending) return;
    try {
      // Whatever a context that is younger than this subscription holds is new, also what came before we knew.
      const part = await this.addContext(context, isNew ? 'beginning' : undefined);
      if (this.started && !this.ending) part.start();
    } catch (error) {
      this.own.connection.log.error(
        `${this.group} could not join the context '${context}', and will try again: ${errorMessage(error)}`,
      );
      this.own.connection.clock.after(REJOIN_MS, () => this.join(context, isNew));
    }
  }

  private async addContext(context: string, start?: StartFrom): Promise<SubscriptionPart> {
    const part = this.createPart(context);
    this.parts.set(context, part);
    try {
      await this.own.contexts.ensure(context);
      await part.provision(start);
      // A context that comes into being while the group is paused is a part of it.
      if (this.health.state === 'paused') await pauseUnlessPaused(part.consumers);
    } catch (error) {
      this.parts.delete(context);
      throw error;
    }
    return part;
  }

  private createPart(context: string): SubscriptionPart {
    const part = { ...this.own, context };
    const { ordered } = this.own.options;
    return ordered ? new OrderedPart(part, ordered, this.slots) : new SharedPart(part);
  }
}

const pauseUnlessPaused = async (consumers: readonly ManagedConsumer[]): Promise<void> => {
  await Promise.all(consumers.filter(({ info }) => !info?.paused).map((consumer) => consumer.pause()));
};

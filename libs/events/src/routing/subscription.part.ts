import { MillraceConnection } from '@millrace/core';
import { GroupControl, Handler, ManagedConsumer, StartFrom } from '@millrace/delivery';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { EventDeadLetters } from './event.dead-letters.js';
import { EventMessage } from './event.message.js';
import { ResolvedOptions } from './subscription.options.js';
import { ResolvedTarget } from './subscription.target.js';

/** What a subscription does in one context. */
export interface SubscriptionPart {
  /** All its consumers on the server. */
  readonly consumers: readonly ManagedConsumer[];
  /** Events waiting or being handled in this replica. */
  readonly inHand: number;
  /** Events that the group has yet to take, as the server told within the last ten seconds. */
  readonly lag: number;
  /** The partitions that this replica owns; none where order is not asked for. */
  readonly partitions: number[];
  /** Makes what it needs on the server. @throws MillraceError `PROVISION_…` */
  provision(start?: StartFrom): Promise<void>;
  start(): void;
  stop(timeoutMs: number): Promise<void>;
  /** Deletes what it has on the server: the group's place is forgotten. */
  remove(): Promise<void>;
}

export interface PartOptions {
  connection: MillraceConnection;
  contexts: ContextProvisioner;
  context: string;
  target: ResolvedTarget;
  options: ResolvedOptions;
  control: GroupControl;
  handler: Handler<EventMessage>;
  deadLetters: EventDeadLetters;
  /** Tells this replica's own consumers from those of others. */
  replica: string;
  shutdownTimeoutMs: number;
}

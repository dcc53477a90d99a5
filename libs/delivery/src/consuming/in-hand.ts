import { Msg } from '@nats-io/transport-node';
import { Clock } from '@millrace/core';
import { Delivery, Lease } from '../message/delivery.js';
import { Leased } from './lease-keeper.js';
import { reportProgress } from './settlement.js';

/** How a delivered message becomes what handlers see. */
export type CreateMessage<M extends Delivery> = (message: Msg, lease: Lease) => M;

/** A message that this replica holds, from its arrival to its settlement. */
export class InHand<M extends Delivery> implements Leased, Lease {
  leasedAt: number;
  readonly delivery: M;
  /** Answered: whatever its handler still does is of no consequence. */
  settled = false;

  constructor(
    readonly message: Msg,
    create: CreateMessage<M>,
    private readonly clock: Clock,
  ) {
    this.leasedAt = clock.monotonic();
    this.delivery = create(message, this);
  }

  extend(): void {
    if (this.settled) return;
    this.leasedAt = this.clock.monotonic();
    reportProgress(this.message);
  }
}

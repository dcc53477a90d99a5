import { Msg } from '@nats-io/transport-node';
import { Clock } from '@millrace/core';
import { DeliveryToken } from '../message/delivery-token.js';
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
  private latest: Msg;

  constructor(
    message: Msg,
    create: CreateMessage<M>,
    private readonly clock: Clock,
  ) {
    this.leasedAt = clock.monotonic();
    this.latest = message;
    this.delivery = create(message, this);
  }

  /** What an answer goes to. */
  get message(): Msg {
    return this.latest;
  }

  /**
   * Takes a further delivery of the same message for its own: its lease ran out here, and it is still being
   * handled here. False where it is another message.
   */
  adopt(again: Msg, { sequence, storedAtMs }: DeliveryToken): boolean {
    // A stream made anew counts from 1 again.
    const same = this.delivery.sequence === sequence && this.delivery.storedAt.getTime() === storedAtMs;
    if (!same || this.settled) return false;
    this.latest = again;
    this.leasedAt = this.clock.monotonic();
    return true;
  }

  extend(): void {
    if (this.settled) return;
    this.leasedAt = this.clock.monotonic();
    reportProgress(this.message);
  }
}

import { Msg } from '@nats-io/transport-node';
import { Clock } from '@millrace/core';
import { DeliveryToken, deliveryTokenOf } from '../message/delivery-token.js';
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
  /** Settled by handing it back: it will be delivered again. */
  returned = false;
  private readonly token: DeliveryToken;
  private latest: Msg;

  constructor(
    message: Msg,
    create: CreateMessage<M>,
    private readonly clock: Clock,
  ) {
    this.leasedAt = clock.monotonic();
    this.latest = message;
    this.token = deliveryTokenOf(message);
    this.delivery = create(message, this);
  }

  /** Its place in the stream that its consumer reads. */
  get sequence(): number {
    return this.token.sequence;
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
    const same = this.token.sequence === sequence && this.token.storedAtMs === storedAtMs;
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

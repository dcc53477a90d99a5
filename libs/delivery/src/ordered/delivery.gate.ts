import { Clock, delay } from '@millrace/core';

/** What the server says about a consumer. */
export interface ConsumerCount {
  /** Delivered, to anybody, and neither acknowledged nor given up. */
  unsettled: number;
  /** How many deliveries there have been. */
  deliveries: number;
}

export interface DeliveryGateOptions {
  clock: Clock;
  /** Messages waiting or running here. */
  inHand: () => number;
  /** `undefined` where nobody can say at the moment. */
  count: () => Promise<ConsumerCount | undefined>;
  onChange: (open: boolean) => void;
}

const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 200;

/**
 * Open while everything that was delivered and is not settled is known here. Otherwise something is with an
 * earlier owner, or was lost on its way, and comes again when its `ackWait` ends: until then nothing that is
 * younger may run ahead of it.
 */
export class DeliveryGate {
  private readonly returned = new Set<number>();
  private last = 0;
  private settled = 0;
  private isOpen = false;
  private closed = false;
  private watching = false;

  constructor(private readonly options: DeliveryGateOptions) {}

  /** Begins closed, and opens when there is nothing left from before. */
  start(): void {
    void this.watch();
  }

  stop(): void {
    this.closed = true;
  }

  /** A message came. The server counts deliveries without a gap: one that is missing went elsewhere. */
  onArrival(place: number, deliverySequence: number): void {
    this.returned.delete(place);
    const expected = this.last + 1;
    this.last = deliverySequence;
    if (deliverySequence !== expected && this.isOpen) this.shut();
  }

  onReleased(place: number, returned: boolean): void {
    if (returned) this.returned.add(place);
    else this.settled++;
  }

  private shut(): void {
    this.isOpen = false;
    this.options.onChange(false);
    void this.watch();
  }

  private async watch(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    for (let waitMs = FIRST_POLL_MS; !this.closed; waitMs = Math.min(LAST_POLL_MS, waitMs * 2)) {
      if (await this.isAllKnown()) break;
      await delay(waitMs);
    }
    this.watching = false;
    if (this.closed) return;
    this.isOpen = true;
    this.options.onChange(true);
  }

  private async isAllKnown(): Promise<boolean> {
    const known = this.options.inHand() + this.returned.size;
    const settledBefore = this.settled;
    const count = await this.options.count();
    // What was settled meanwhile may or may not be in the count: only what cannot be is left to others.
    if (!count || count.unsettled > known - (this.settled - settledBefore)) return false;
    this.last = Math.max(this.last, count.deliveries);
    return true;
  }
}

import { Clock } from '@millrace/core';
import { Leased } from '../consuming/lease-keeper.js';
import { claimedBody, HANDLED_BODY } from './inbox.entry.js';
import { InboxEntries } from './inbox.store.js';

export interface InboxClaimParts {
  store: InboxEntries;
  clock: Clock;
  subject: string;
  /** Tells it from the claims of others. */
  id: string;
  ttlMs: number;
  /** It ended before its message was handled: another replica may be at it. */
  onLost: () => void;
  onTrouble: (error: unknown) => void;
}

/** The right of one replica to handle one message, for as long as it is extended. */
export class InboxClaim implements Leased {
  leasedAt: number;
  private ended = false;
  /** One write at a time: each expects the one before it. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: InboxClaimParts,
    private sequence: number,
  ) {
    this.leasedAt = parts.clock.monotonic();
  }

  extend(): void {
    this.leasedAt = this.parts.clock.monotonic();
    this.last = this.last.then(() => this.renew()).catch((error) => this.parts.onTrouble(error));
  }

  /** Marks the message as handled, for `ttlMs`. Also where the claim was lost: it has been handled here. */
  async handled(ttlMs: number): Promise<void> {
    const { store, subject } = this.parts;
    await this.end();
    const mark = { subject, body: HANDLED_BODY, ttlMs };
    const stored = await store.write({ ...mark, expected: this.sequence });
    if (stored === undefined) await store.write(mark);
  }

  /** Frees the message for the next attempt. */
  async release(): Promise<void> {
    await this.end();
    await this.parts.store.remove(this.sequence);
  }

  private async end(): Promise<void> {
    this.ended = true;
    await this.last;
  }

  private async renew(): Promise<void> {
    if (this.ended) return;
    const { store, subject, id, ttlMs, onLost } = this.parts;
    const body = claimedBody(id);
    const renewed = await store.write({ subject, body, ttlMs, expected: this.sequence });
    if (renewed !== undefined) {
      this.sequence = renewed;
      return;
    }
    const entry = await store.read(subject);
    // A write whose first answer was lost conflicts with itself when it is sent again.
    if (entry?.kind === 'claimed' && entry.claim === id) this.sequence = entry.sequence;
    else onLost();
  }
}

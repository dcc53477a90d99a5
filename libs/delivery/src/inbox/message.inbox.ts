import { randomUUID } from 'node:crypto';
import { delay, ErrorCode, errorMessage, MillraceConnection, MillraceError } from '@millrace/core';
import { LeaseKeeper } from '../consuming/lease-keeper.js';
import { Delivery } from '../message/delivery.js';
import { InboxClaim } from './inbox.claim.js';
import { claimedBody, InboxEntry } from './inbox.entry.js';
import { InboxEntries } from './inbox.store.js';
import { inboxSubject } from './inbox.stream.js';

/** How long a claim outlives its replica: hardly longer than the message takes to be delivered again. */
const SHORTEST_CLAIM_MS = 2000;
const LONGEST_CLAIM_MS = 10_000;
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 1000;
const TROUBLE_MS = 1000;

/** What may be done with a message. */
export type InboxAnswer = { kind: 'claimed'; claim: InboxClaim } | { kind: 'handled' } | { kind: 'aborted' };

type Attempt = Exclude<InboxAnswer, { kind: 'aborted' }> | { kind: 'busy' };

/** Who handles which message: at most one replica of a group at a time, and none that was handled already. */
export class MessageInbox {
  private readonly held: LeaseKeeper<InboxClaim>;
  private readonly claimTtlMs: number;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly store: InboxEntries,
    ackWaitMs: number,
  ) {
    this.claimTtlMs = Math.min(LONGEST_CLAIM_MS, Math.max(SHORTEST_CLAIM_MS, ackWaitMs));
    this.held = new LeaseKeeper(this.claimTtlMs, connection.clock);
  }

  /**
   * Claims a message for this replica; waits while another has it, and while the inbox cannot be reached. Its
   * lease is extended meanwhile by whoever holds it, and no attempt is used.
   */
  async claim(message: Delivery, id: string): Promise<InboxAnswer> {
    const subject = inboxSubject(message, id);
    for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(2 * waitMs, LAST_LOOK_MS)) {
      const answer = await this.untroubled(message, () => this.attempt(message, subject));
      if (!answer) return { kind: 'aborted' };
      if (answer.kind !== 'busy') return answer;
      await delay(waitMs, message.signal);
      if (message.signal.aborted) return { kind: 'aborted' };
    }
  }

  /** The message was handled: it will not be again, for `ttlMs`. */
  async settle(message: Delivery, claim: InboxClaim, ttlMs: number): Promise<void> {
    this.held.delete(claim);
    await this.untroubled(message, () => claim.handled(ttlMs));
  }

  /** The message was not handled: whoever gets it next may. */
  async release(claim: InboxClaim): Promise<void> {
    this.held.delete(claim);
    // One that cannot be given back ends by itself.
    await claim.release().catch((error) => this.tell(error));
  }

  private async attempt(message: Delivery, subject: string): Promise<Attempt> {
    const id = randomUUID();
    const sequence = await this.store.write({
      subject,
      body: claimedBody(id),
      ttlMs: this.claimTtlMs,
      expected: 0,
    });
    if (sequence !== undefined) return this.hold(message, { subject, id, sequence });
    const entry = await this.store.read(subject);
    if (entry?.kind === 'handled') return entry;
    return isMine(entry, id)
      ? this.hold(message, { subject, id, sequence: entry.sequence })
      : { kind: 'busy' };
  }

  private hold(
    message: Delivery,
    { subject, id, sequence }: { subject: string; id: string; sequence: number },
  ): Attempt {
    const claim: InboxClaim = new InboxClaim(
      {
        store: this.store,
        clock: this.connection.clock,
        subject,
        id,
        ttlMs: this.claimTtlMs,
        onLost: () => {
          this.held.delete(claim);
          message.abort(claimLost(message));
        },
        onTrouble: (error) => this.tell(error),
      },
      sequence,
    );
    this.held.add(claim);
    return { kind: 'claimed', claim };
  }

  /** What `task` comes to, however often it takes; `undefined` where the message is given up before. */
  private async untroubled<T>(message: Delivery, task: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await task();
      } catch (error) {
        this.tell(error);
        if (!message.signal.aborted) await delay(TROUBLE_MS, message.signal);
        if (message.signal.aborted) return undefined;
      }
    }
  }

  private tell(error: unknown): void {
    this.connection.log.warn(`The inbox could not be reached: ${errorMessage(error)}`);
  }
}

// The first answer of a write may be lost: sent again, it conflicts with itself.
const isMine = (
  entry: InboxEntry | undefined,
  id: string,
): entry is Extract<InboxEntry, { kind: 'claimed' }> => entry?.kind === 'claimed' && entry.claim === id;

const claimLost = ({ group, stream, sequence }: Delivery): MillraceError =>
  new MillraceError(
    ErrorCode.ClaimLost,
    `${group} lost its claim on ${stream} ${sequence}: another replica may be handling it`,
    {
      remedy: 'Stop when message.signal aborts; look for what blocked the event loop or the connection',
      details: { group, stream, sequence },
    },
  );

import { delay, MillraceConnection } from '@millrace/core';
import { RatePolicy } from '../policy/rate.policy.js';
import { StateStore } from '../state/state.store.js';
import { decodeWindow, encodeWindow, grant, RateWindow } from './rate.window.js';
import { ServerClock } from './server.clock.js';

export interface RateLedgerOptions {
  connection: MillraceConnection;
  store: StateStore;
  clock: ServerClock;
  policy: RatePolicy;
  subject: string;
}

export type Reservation =
  /** May be used until then, by the monotonic clock. */
  | { readonly kind: 'granted'; readonly count: number; readonly until: number }
  | { readonly kind: 'exhausted'; readonly waitMs: number };

/** An entry outlives what it says by this: clocks differ, and a server may be away. */
const SPARE_MS = 10_000;
const CONFLICT_MS = 10;

interface Known {
  sequence: number;
  window: RateWindow;
}

/** What a group was granted lately: one entry for all replicas, replaced only by whoever knows the newest. */
export class RateLedger {
  private known: Known | undefined;
  private roundTripMs = 0;

  constructor(private readonly own: RateLedgerOptions) {}

  /** @throws what the server refuses, or does not answer in time. */
  async reserve(wanted: number): Promise<Reservation> {
    const { clock, policy, connection } = this.own;
    for (;;) {
      const known = (this.known ??= await this.read());
      const now = await clock.now();
      const asked = connection.clock.monotonic();
      const { leewayMs } = this;
      const given = grant(known.window, policy, { now, wanted, leewayMs });
      if (given.kind === 'exhausted') return { kind: 'exhausted', waitMs: given.retryAt - now.earliest };
      const isNoted = await this.replace(known, given.window);
      this.roundTripMs = connection.clock.monotonic() - asked;
      if (isNoted) return { kind: 'granted', count: given.count, until: asked + leewayMs };
      this.known = undefined;
      // Another replica was quicker; the next one of us should be alone.
      await delay(Math.random() * CONFLICT_MS);
    }
  }

  // What is granted counts for so much longer: short enough to cost little, long enough to be of use.
  private get leewayMs(): number {
    const { perMs } = this.own.policy;
    return Math.min(perMs / 2, Math.max(perMs / 50, 3 * this.roundTripMs));
  }

  private async read(): Promise<Known> {
    const stored = await this.own.store.last(this.own.subject);
    return stored ? { sequence: stored.seq, window: decodeWindow(stored.data) } : { sequence: 0, window: [] };
  }

  private async replace({ sequence: expected }: Known, window: RateWindow): Promise<boolean> {
    const { store, subject, policy } = this.own;
    this.known = undefined;
    const ttlMs = 2 * policy.perMs + SPARE_MS;
    const sequence = await store.write({ subject, body: encodeWindow(window), ttlMs, expected });
    if (sequence === undefined) return false;
    this.known = { sequence, window };
    return true;
  }
}

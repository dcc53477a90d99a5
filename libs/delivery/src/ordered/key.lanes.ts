import { Clock, delay } from '@millrace/core';
import { HandBacks } from '../hand-backs/hand-backs.js';
import { Delivery } from '../message/delivery.js';
import { Middleware } from '../middleware/middleware.js';
import { ACK, Outcome } from '../outcome/outcome.js';
import { HandlerSlots } from './handler.slots.js';
import { SettledPlaces } from './settled.places.js';

export interface KeyLanesOptions<M extends Delivery> {
  slots: HandlerSlots;
  clock: Clock;
  /** The message's place in the stream that its consumer reads. */
  placeOf: (message: M) => number;
  /** `undefined`: it has no order to keep. */
  keyOf: (message: M) => string | undefined;
  /** What is not for this group takes no handler's place. */
  isFor: (message: M) => boolean;
  /** Attempts that a message has. */
  attempts: number;
  /** Remembers what goes back unhandled on its last attempt. */
  handBacks?: HandBacks | undefined;
  /** Whether this replica still owns the partition: asked before each handling. */
  isOwner: () => boolean;
}

interface Waiting<M> {
  message: M;
  place: number;
  /** Whether it may be handled; otherwise it goes back. */
  proceed: (handled: boolean) => void;
}

/** One key: its first message runs, or is to be delivered again; the others wait in stored order. */
interface Lane<M> {
  /** The place of the message that all others wait for. */
  head: number | undefined;
  /** The head has gone back to the server. */
  away: boolean;
  waiting: Waiting<M>[];
}

/**
 * Lets messages of one key through one at a time, in stored order, and those of different keys beside each
 * other. Nothing passes while the gate is closed, as when it is not known what an earlier owner has left.
 */
export class KeyLanes<M extends Delivery> {
  private readonly lanes = new Map<string, Lane<M>>();
  private readonly settled = new SettledPlaces();
  private readonly closing = new AbortController();
  private gateOpen = false;
  private dismissing = false;

  constructor(private readonly options: KeyLanesOptions<M>) {}

  /** Lets messages through, or holds them back; those that run go on. */
  setGate(open: boolean): void {
    this.gateOpen = open;
    if (open) for (const lane of this.lanes.values()) this.advance(lane);
  }

  /** Ends the waiting between attempts: what failed goes back at once. */
  endBackoffs(): void {
    this.closing.abort();
  }

  /** Hands back what has not begun. */
  dismiss(): void {
    this.dismissing = true;
    for (const lane of this.lanes.values()) for (const { proceed } of lane.waiting.splice(0)) proceed(false);
  }

  readonly middleware: Middleware<M> = (next) => async (message) => {
    const { slots, isOwner } = this.options;
    const place = this.options.placeOf(message);
    const key = this.options.keyOf(message);
    if (key !== undefined) {
      // Handled here before, but its acknowledgement was lost.
      if (this.settled.has(key, place, message.storedAt)) return ACK;
      if (!(await this.turn(key, { message, place }))) return this.handBack(message);
    }
    if (!this.isFor(message)) return next(message);
    const slot = slots.acquire(message);
    if (slot) await slot;
    let outcome: Outcome;
    try {
      outcome = isOwner() ? await next(message) : await this.handBack(message);
    } finally {
      slots.release(message);
    }
    if (outcome.kind !== 'retry') return outcome;
    // The wait is here and not on the server: an owner that takes over finds nothing that is held back for long.
    await delay(outcome.delayMs, AbortSignal.any([this.closing.signal, message.signal]));
    return { ...outcome, delayMs: 0 };
  };

  /** The message is not held any more: `returned` where it will come again. */
  onReleased(message: M, returned: boolean): void {
    const key = this.options.keyOf(message);
    const lane = key === undefined ? undefined : this.lanes.get(key);
    if (key === undefined || !lane) return;
    const place = this.options.placeOf(message);
    if (lane.head !== place) return;
    if (returned) {
      lane.away = true;
      return;
    }
    this.settled.add(key, place, message.storedAt);
    lane.head = undefined;
    this.advance(lane);
    if (lane.head === undefined && lane.waiting.length === 0) this.lanes.delete(key);
  }

  private turn(key: string, { message, place }: { message: M; place: number }): Promise<boolean> {
    const lane = this.laneOf(key);
    return new Promise((proceed) => {
      insert(lane.waiting, { message, place, proceed });
      if (this.dismissing) this.dismiss();
      else this.advance(lane);
    });
  }

  private async handBack(message: M): Promise<Outcome> {
    const { attempts, handBacks } = this.options;
    if (message.attempt >= attempts) await handBacks?.note(message);
    return { kind: 'retry', delayMs: 0, cause: new Error('The partition moves') };
  }

  private isFor(message: M): boolean {
    try {
      return this.options.isFor(message);
    } catch {
      // What cannot even be looked at is for the handler to fail on.
      return true;
    }
  }

  private laneOf(key: string): Lane<M> {
    const known = this.lanes.get(key);
    if (known) return known;
    const lane: Lane<M> = { head: undefined, away: false, waiting: [] };
    this.lanes.set(key, lane);
    return lane;
  }

  private advance(lane: Lane<M>): void {
    const [first] = lane.waiting;
    if (!this.gateOpen || !first) return;
    const comesAgain = lane.away && lane.head !== undefined && first.place <= lane.head;
    if (lane.head !== undefined && !comesAgain) return;
    lane.waiting.shift();
    lane.head = first.place;
    lane.away = false;
    first.proceed(true);
  }
}

const insert = <M>(waiting: Waiting<M>[], item: Waiting<M>): void => {
  // Nearly always behind the last: only what was delivered before comes out of turn.
  let at = waiting.length;
  while (at > 0 && (waiting[at - 1]?.place ?? 0) > item.place) at--;
  waiting.splice(at, 0, item);
};

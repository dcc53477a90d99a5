import { configInvalid, ErrorCode, MillraceConnection } from '@millrace/core';
import { MAX_BATCH_MESSAGES } from './batch.writer.js';
import { valueSubject } from './bucket.subjects.js';
import { assertFits } from './conditional.publisher.js';
import { Entry } from './entry.js';
import { OutboxEncoder } from './outbox.encoder.js';
import { ValueCodec } from './value.codec.js';
import { expectOf, guardMessage, valueMessage, WireMessage } from './wire.message.js';

/** What a key has after a commit. */
export interface KeyState<T extends object> {
  /** `undefined` for no value. */
  readonly value: T | undefined;
  /** Of a key without a value that of its deletion, or 0. */
  readonly revision: number;
}

/** What was decided about some keys. */
export interface Decision<T extends object> {
  /** Keys that are not in it are left as they are. */
  states: ReadonlyMap<string, T | null>;
  events: readonly object[];
}

/** What a decision about a key was based on. */
export interface Basis<T extends object> {
  key: string;
  current: Entry<T> | undefined;
  /** The key's last sequence, a deletion's included; 0 for none. */
  sequence: number;
}

/** What a commit writes, in this order. */
export interface CommitPlan<T extends object> {
  readonly events: readonly WireMessage[];
  /** Hold only while the keys that were read, and are left, still have what they had. */
  readonly guards: readonly WireMessage[];
  readonly states: readonly PlannedState<T>[];
  readonly left: readonly Basis<T>[];
}

export interface PlannedState<T extends object> {
  readonly key: string;
  readonly message: WireMessage;
  readonly value: T | undefined;
}

export interface CommitPlannerParts<T extends object> {
  connection: MillraceConnection;
  bucket: string;
  values: ValueCodec<T>;
  outbox: OutboxEncoder;
}

/** Turns decisions into messages. */
export class CommitPlanner<T extends object> {
  constructor(private readonly parts: CommitPlannerParts<T>) {}

  /**
   * Nothing to write where there are neither events nor states.
   * @throws `VALUE_INVALID`, `VALUE_TOO_LARGE`, `EVENT_INVALID`, `EVENT_TOO_LARGE`, `CONTRACT_UNKNOWN`.
   */
  async plan(bases: readonly Basis<T>[], { states, events }: Decision<T>): Promise<CommitPlan<T>> {
    if (events.length >= MAX_BATCH_MESSAGES) throw tooMany(events.length);
    const entries = await Promise.all(events.map((event) => this.event(event)));
    const left: Basis<T>[] = [];
    const planned: PlannedState<T>[] = [];
    for (const basis of bases) {
      const state = states.get(basis.key);
      const unchanged = state === undefined || (state === null && basis.current === undefined);
      if (unchanged) left.push(basis);
      else planned.push(await this.state(basis, state));
    }
    const nothing = entries.length === 0 && planned.length === 0;
    return { events: entries, states: planned, left, guards: nothing ? [] : this.guard(left, entries) };
  }

  private async event(event: object): Promise<WireMessage> {
    const message = await this.parts.outbox.encode(event);
    assertFits(this.parts.connection, message, ErrorCode.EventTooLarge);
    return message;
  }

  private async state({ key, sequence }: Basis<T>, state: T | null): Promise<PlannedState<T>> {
    const { bucket, connection, values } = this.parts;
    const encoded = state === null ? undefined : await values.encode(key, state);
    const message = valueMessage(bucket, { key, payload: encoded?.payload ?? null, expected: sequence });
    assertFits(connection, message, ErrorCode.ValueTooLarge);
    return { key, message, value: encoded?.instance };
  }

  // What was decided on what a key had stands only while it still has that. A message carries one
  // expectation: those of the keys that are not written go on the events, and on messages of no other use.
  private guard(left: readonly Basis<T>[], events: readonly WireMessage[]): WireMessage[] {
    const { bucket } = this.parts;
    const guards: WireMessage[] = [];
    for (const [at, { key, sequence }] of left.entries()) {
      const bearer = events[at] ?? guardMessage(bucket);
      expectOf(valueSubject(bucket, key), sequence, bearer);
      if (!events[at]) guards.push(bearer);
    }
    return guards;
  }
}

/** @throws MillraceError `CONFIG_INVALID` for more than one batch takes. */
export const assertOneBatch = (messages: readonly WireMessage[]): void => {
  if (messages.length > MAX_BATCH_MESSAGES) throw tooMany(messages.length);
};

const tooMany = (count: number): Error =>
  configInvalid(
    `A commit of ${count} events and keys is not possible`,
    `Commit fewer than ${MAX_BATCH_MESSAGES} at once`,
  );

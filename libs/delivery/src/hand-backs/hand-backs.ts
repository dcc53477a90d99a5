import { delay, ErrorCode, errorMessage, Log, MillraceError, toMillis } from '@millrace/core';
import { JetStreamApiError } from '@nats-io/jetstream';
import { Delivery } from '../message/delivery.js';
import { handBackSubject } from '../group/group.stream.js';
import { StateStore } from '../state/state.store.js';

/** By then some replica should have run. */
const TTL_MS = toMillis('7d');
const TRIES = 3;
const TRY_AGAIN_MS = 1000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Remembers which messages went back without having been handled, where the server's count of deliveries would
 * say that their attempts are used up. Written for the last attempt alone, and read only beyond it.
 */
export class HandBacks {
  constructor(
    private readonly store: StateStore,
    private readonly log: Log,
  ) {}

  /** To be awaited before the message goes back. Never fails: without it, the attempt counts. */
  async note(message: Delivery): Promise<void> {
    const body = encoder.encode(JSON.stringify({ attempt: message.attempt }));
    const write = { subject: subjectOf(message), body, ttlMs: TTL_MS };
    try {
      await this.store.write(write).catch((error: unknown) => {
        // The stream is there from now on.
        if (MillraceError.is(error, ErrorCode.PublishNoStream)) return this.store.write(write);
        throw error;
      });
    } catch (error) {
      this.log.warn(
        `${message.group}: the hand-back of ${message.stream} ${message.sequence} could not be noted, so its last attempt is used up: ${errorMessage(error)}`,
      );
    }
  }

  /** Whether the delivery before this one went back without having been handled. */
  async wasUnhandled(message: Delivery): Promise<boolean> {
    for (let left = TRIES - 1; ; left--) {
      try {
        const stored = await this.store.last(subjectOf(message));
        return stored !== undefined && attemptIn(stored.data) === message.attempt - 1;
      } catch (error) {
        // Answered: there is no such stream, hence no note.
        if (error instanceof JetStreamApiError || MillraceError.is(error)) return false;
        if (left === 0 || message.signal.aborted) return this.giveUp(message, error);
        await delay(TRY_AGAIN_MS, message.signal);
      }
    }
  }

  private giveUp({ group, stream, sequence }: Delivery, error: unknown): false {
    this.log.warn(
      `${group}: it could not be read whether ${stream} ${sequence} was handled: ${errorMessage(error)}`,
    );
    return false;
  }
}

const subjectOf = ({ stream, consumer, sequence }: Delivery): string =>
  handBackSubject(stream, consumer, sequence);

/** The body: `{"attempt":<delivery that went back>}`. */
const attemptIn = (body: Uint8Array): unknown => {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(body));
    return typeof parsed === 'object' && parsed !== null && 'attempt' in parsed ? parsed.attempt : undefined;
  } catch {
    return undefined;
  }
};

import { Msg, NatsConnection } from '@nats-io/transport-node';
import { Duration, ErrorCode, MillraceError, PermanentError, toError, toMillis } from '@millrace/core';
import {
  acknowledgeConfirmed,
  DeadLetterWriter,
  DeadMessage,
  handBack,
  withCurrentMessage,
} from '@millrace/delivery';
import { EventMessage } from './event.message.js';

export interface ReceivedParts {
  nc: NatsConnection;
  message: Msg;
  delivery: EventMessage;
  deadLetters: DeadLetterWriter<DeadMessage>;
}

/** One event, received by hand. Settle it with exactly one of its methods, before its `ackWait` ends. */
export class ReceivedEvent<T = unknown> {
  private settled = false;

  constructor(
    /** The event, validated. */
    readonly event: T,
    private readonly parts: ReceivedParts,
  ) {}

  /** Subject, key, headers, attempt and the rest; `message.extend()` starts the `ackWait` anew. */
  get message(): EventMessage {
    return this.parts.delivery;
  }

  /** Done. Resolves when the server has taken note. @throws MillraceError `ALREADY_SETTLED` */
  async ack(): Promise<void> {
    this.claim();
    await acknowledgeConfirmed(this.parts.nc, this.parts.message);
  }

  /** Hands the event back, to be received again after `delay`. @throws MillraceError `ALREADY_SETTLED` */
  retry(delay: Duration = 0): void {
    const delayMs = toMillis(delay, 'delay');
    this.claim();
    handBack(this.parts.message, delayMs);
  }

  /** Moves the event to the dead letters. @throws MillraceError `ALREADY_SETTLED`, or what storing it throws. */
  async deadLetter(reason: string | Error): Promise<void> {
    this.claim();
    const cause = typeof reason === 'string' ? new PermanentError(reason) : toError(reason);
    try {
      await this.parts.deadLetters.write(this.parts.delivery, cause);
    } catch (error) {
      this.settled = false;
      throw error;
    }
    await acknowledgeConfirmed(this.parts.nc, this.parts.message);
  }

  /** Runs `task` as the handling of this event: what it commits to buckets is recognised when it comes again. */
  run<R>(task: () => R): R {
    return withCurrentMessage(this.message, task);
  }

  private claim(): void {
    if (this.settled) {
      throw new MillraceError(ErrorCode.AlreadySettled, `${this.message.type} was settled already`, {
        remedy: 'Call one of ack(), retry() and deadLetter(), once',
        details: { stream: this.message.stream, sequence: this.message.sequence },
      });
    }
    this.settled = true;
  }
}

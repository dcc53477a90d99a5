import { randomUUID } from 'node:crypto';
import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import {
  delay,
  ErrorCode,
  InFlightWindow,
  MillraceConnection,
  PublishError,
  StoredAck,
} from '@millrace/core';
import { isConflict, translateRefusal, WriteErrorCode, WriteOutcome } from './conditional.publisher.js';
import { noTurn, unsettledWrite } from './storage.errors.js';
import { WireHeader, WireMessage } from './wire.message.js';
import { WriteFate } from './write.fate.js';

/** The server stages at most 50 batches per stream, those of other processes included. */
export const MAX_BATCHES_IN_FLIGHT = 40;
/** The server's limit. */
export const MAX_BATCH_MESSAGES = 1000;

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** At least two messages, and until when to try (of the clock's monotonic time). */
export interface BatchWrite {
  readonly messages: readonly WireMessage[];
  readonly deadline: number;
  /** Whether an earlier attempt with these messages may have been stored. Default `false`. */
  readonly mayBeStored?: boolean;
  /** How often to send it at most, before the deadline. Default: no bound. */
  readonly attempts?: number;
}

/** What became of sending a batch, before any doubt is settled. */
export type BatchOutcome =
  | WriteOutcome
  /** Some of its message ids are known: some of it, or all, was stored by an earlier attempt. */
  | { kind: 'duplicate'; cause: PublishError };

/** A batch that was not confirmed: why, and whether it may have been stored all the same. */
export interface BatchFailure {
  readonly cause: unknown;
  readonly mayBeStored: boolean;
}

/** What to throw for a batch that failed. */
export const batchError = (last: WireMessage, { cause, mayBeStored }: BatchFailure): unknown =>
  mayBeStored ? unsettledWrite(last.subject, cause) : translateRefusal(cause, last);

/**
 * Writes several messages to one stream as one JetStream atomic batch (ADR-50): all of them or none.
 *
 * The messages go out back to back and only the last, which commits, is confirmed. The server answers
 * "incomplete" (10176) when one of them was lost with the connection, when too many batches are open, and
 * when the confirmation was asked for twice: the batch is then sent again under a new id. Should the earlier
 * one have been stored after all, its message ids betray it (10201), for in a batch the server compares those
 * before it compares sequences.
 */
export class BatchWriter {
  private readonly window = new InFlightWindow(MAX_BATCHES_IN_FLIGHT);

  constructor(
    private readonly connection: MillraceConnection,
    private readonly fate: WriteFate,
  ) {}

  /**
   * The sequence is the last message's; those before it lie directly below.
   * @throws PublishError whose `mayBeStored` tells whether the batch may have been written.
   */
  async write(batch: BatchWrite): Promise<WriteOutcome> {
    const last = batch.messages.at(-1) ?? nothing();
    const outcome = await this.attempt(batch);
    if (outcome.kind === 'failed') throw batchError(last, outcome);
    return outcome.kind === 'duplicate' ? this.settle(last, outcome.cause) : outcome;
  }

  /** As {@link write}, with a failure and a doubt as values: neither tells of one message alone. */
  async attempt(batch: BatchWrite): Promise<BatchOutcome | ({ kind: 'failed' } & BatchFailure)> {
    const { messages, deadline, attempts = Number.POSITIVE_INFINITY } = batch;
    let mayBeStored = batch.mayBeStored ?? false;
    let pauseMs = FIRST_PAUSE_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        const { sequence } = await this.sendInTurn(messages, deadline);
        return { kind: 'stored', sequence };
      } catch (cause) {
        if (!(cause instanceof PublishError)) return { kind: 'failed', cause, mayBeStored };
        mayBeStored ||= cause.mayBeStored;
        if (isConflict(cause)) return { kind: 'conflict', cause };
        if (cause.serverCode === WriteErrorCode.BatchDuplicate) return { kind: 'duplicate', cause };
        const repeatable =
          cause.serverCode === WriteErrorCode.BatchIncomplete ||
          cause.serverCode === WriteErrorCode.TooManyBatches;
        if (!repeatable || attempt === attempts || this.remaining(deadline) <= pauseMs) {
          return { kind: 'failed', cause, mayBeStored };
        }
        await delay(pauseMs * (0.5 + Math.random()));
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  private remaining(deadline: number): number {
    return deadline - this.connection.clock.monotonic();
  }

  private async settle(last: WireMessage, cause: PublishError): Promise<WriteOutcome> {
    try {
      const sequence = await this.fate.settle(last);
      return sequence === undefined ? { kind: 'conflict', cause } : { kind: 'stored', sequence };
    } catch (error) {
      throw unsettledWrite(last.subject, error);
    }
  }

  private async sendInTurn(messages: readonly WireMessage[], deadline: number): Promise<StoredAck> {
    await this.enter(deadline);
    try {
      return await this.send(messages, this.remaining(deadline));
    } finally {
      this.window.leave();
    }
  }

  private enter(deadline: number): Promise<void> {
    if (this.window.tryEnter()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.connection.clock.after(Math.max(0, this.remaining(deadline)), () => {
        forget();
        reject(noTurn('A batch'));
      });
      const forget = this.window.enterWhenFree(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  private send(messages: readonly WireMessage[], deadlineMs: number): Promise<StoredAck> {
    const { nc, publisher } = this.connection;
    const batchId = randomUUID();
    const commitAt = messages.length - 1;
    for (const [at, { subject, payload, headers }] of messages.slice(0, commitAt).entries()) {
      const part = batchHeaders(headers, batchId, at + 1);
      try {
        nc.publish(subject, payload, { headers: part });
      } catch (cause) {
        return Promise.reject(unsent(subject, cause));
      }
    }
    const { subject, payload, headers } = messages[commitAt] ?? nothing();
    const commit = batchHeaders(headers, batchId, messages.length);
    commit.set(WireHeader.BatchCommit, '1');
    return publisher.publish({ subject, payload, headers: commit, deadlineMs });
  }
}

const nothing = (): never => {
  throw new TypeError('A batch needs messages');
};

const batchHeaders = (own: MsgHdrs, batchId: string, sequence: number): MsgHdrs => {
  const headers = createHeaders();
  for (const [name, values] of own) for (const value of values) headers.append(name, value);
  headers.set(WireHeader.BatchId, batchId);
  headers.set(WireHeader.BatchSequence, String(sequence));
  return headers;
};

const unsent = (subject: string, cause: unknown): PublishError =>
  new PublishError(ErrorCode.ConnectionClosed, `The client could not send to '${subject}'`, {
    remedy: 'Write before the application shuts down',
    mayBeStored: false,
    cause,
  });

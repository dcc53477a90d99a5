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
  messages: readonly WireMessage[];
  deadline: number;
}

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
  async write({ messages, deadline }: BatchWrite): Promise<WriteOutcome> {
    const last = messages.at(-1);
    if (last === undefined) throw new TypeError('A batch needs messages');
    let mayBeStored = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const { sequence } = await this.sendInTurn(messages, deadline);
        return { kind: 'stored', sequence };
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        mayBeStored ||= error.mayBeStored;
        if (isConflict(error)) return { kind: 'conflict', cause: error };
        if (error.serverCode === WriteErrorCode.BatchDuplicate) return await this.settle(last, error);
        const repeatable =
          error.serverCode === WriteErrorCode.BatchIncomplete ||
          error.serverCode === WriteErrorCode.TooManyBatches;
        if (!repeatable || this.remaining(deadline) <= pauseMs) {
          throw mayBeStored ? unsettledWrite(last.subject, error) : translateRefusal(error, last);
        }
        await delay(pauseMs * (0.5 + Math.random()));
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

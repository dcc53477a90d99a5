import { ErrorCode, MillraceConnection, PublishError } from '@millrace/core';
import { tooLarge, unsettledWrite } from './storage.errors.js';
import { WireMessage, wireSize } from './wire.message.js';
import { WriteFate } from './write.fate.js';

/** What became of a write with an expectation. */
export type WriteOutcome =
  | { kind: 'stored'; sequence: number }
  /** The expectation did not hold; nothing was written. */
  | { kind: 'conflict'; cause: PublishError };

/** The `err_code` values that a write is answered with. */
export const WriteErrorCode = {
  WrongLastSequence: 10071,
  /** As above, where the server cannot say what it has instead. */
  WrongLastSequenceUnknown: 10164,
  MessageTooLarge: 10054,
  BatchIncomplete: 10176,
  BatchDuplicate: 10201,
  TooManyBatches: 10210,
} as const;

/** Whether the server refused a write because its expectation did not hold. */
export const isConflict = ({ serverCode }: PublishError): boolean =>
  serverCode === WriteErrorCode.WrongLastSequence || serverCode === WriteErrorCode.WrongLastSequenceUnknown;

/** @throws MillraceError `VALUE_TOO_LARGE` or `EVENT_TOO_LARGE` for what the server would not take. */
export const assertFits = (
  { nc }: MillraceConnection,
  message: WireMessage,
  code: typeof ErrorCode.ValueTooLarge | typeof ErrorCode.EventTooLarge,
): void => {
  const limit = nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
  const bytes = wireSize(message);
  if (bytes > limit) throw tooLarge({ code, subject: message.subject, bytes, limit });
};

/** Names the server's refusal of a size; leaves any other error as it is. */
export const translateRefusal = (error: unknown, message: WireMessage): unknown =>
  error instanceof PublishError && error.serverCode === WriteErrorCode.MessageTooLarge
    ? tooLarge({
        code: ErrorCode.ValueTooLarge,
        subject: message.subject,
        bytes: wireSize(message),
        cause: error,
      })
    : error;

/** Publishes one message of a bucket, and finds out what became of it when its answer was lost. */
export class ConditionalPublisher {
  constructor(
    private readonly connection: MillraceConnection,
    private readonly fate: WriteFate,
  ) {}

  /** @throws PublishError as the publisher does, `mayBeStored` telling whether it may have been written. */
  async publish(message: WireMessage, deadlineMs?: number): Promise<WriteOutcome> {
    try {
      const ack = await this.connection.publisher.publish({ ...message, deadlineMs });
      return { kind: 'stored', sequence: ack.sequence };
    } catch (error) {
      if (!(error instanceof PublishError && isConflict(error))) throw translateRefusal(error, message);
      // The server compares sequences before message ids, so a write whose first answer was lost
      // conflicts with itself when it is sent again.
      const sequence = error.mayBeStored ? await this.settle(message) : undefined;
      return sequence === undefined ? { kind: 'conflict', cause: error } : { kind: 'stored', sequence };
    }
  }

  private async settle(message: WireMessage): Promise<number | undefined> {
    try {
      return await this.fate.settle(message);
    } catch (error) {
      throw unsettledWrite(message.subject, error);
    }
  }
}

import { MsgHdrs } from '@nats-io/transport-node';
import { ErrorCode, JetStreamPublisher, MillraceError } from '@millrace/core';
import { Delivery } from '../message/delivery.js';
import { DeadHeader, deadLetterHeaders } from './dead-letter.headers.js';

const EMPTY = new Uint8Array();

/** Stores dead letters. */
export class DeadLetterWriter<M extends Delivery> {
  constructor(
    private readonly publisher: JetStreamPublisher,
    /** `dead.<context>.<event>.<group>.<key>` of a message. */
    private readonly subjectOf: (message: M) => string,
    /** Makes the stream of dead letters again, when it was deleted. */
    private readonly restore?: () => Promise<void>,
  ) {}

  /**
   * Resolves when the dead letter is stored; a second one of the same message and group is not.
   * @throws PublishError when it is not stored.
   */
  async write(message: M, cause: Error): Promise<void> {
    try {
      await this.publish(message, deadLetterHeaders(message, cause, 'full'), message.body);
    } catch (error) {
      if (!MillraceError.is(error, ErrorCode.EventTooLarge)) throw error;
      await this.writeReduced(message, cause);
    }
  }

  // A body near the server's limit leaves no room for the cause. The original stays in its stream, so the
  // body can be left there; the dead letter itself must not fail.
  private async writeReduced(message: M, cause: Error): Promise<void> {
    const headers = deadLetterHeaders(message, cause, 'brief');
    headers.set(DeadHeader.BodyLeft, 'true');
    await this.publish(message, headers, EMPTY);
  }

  private async publish(message: M, headers: MsgHdrs, payload: Uint8Array): Promise<void> {
    const request = { subject: this.subjectOf(message), payload, headers };
    try {
      await this.publisher.publish(request);
    } catch (error) {
      if (!this.restore || !MillraceError.is(error, ErrorCode.PublishNoStream)) throw error;
      await this.restore();
      await this.publisher.publish(request);
    }
  }
}

import { MsgHdrs } from '@nats-io/transport-node';
import {
  ErrorCode,
  errorMessage,
  MillraceConnection,
  MillraceError,
  readHeaders,
  StoredAck,
} from '@millrace/core';
import { DeadLetter, readDeadLetter } from './dead-letter.js';
import { DeadHeader, deadLetterHeaders } from './dead-letter.headers.js';
import { hasOlderLetter } from './dead-letter.lookup.js';
import { DeadMessage } from './dead-message.js';

const EMPTY = new Uint8Array();

/**
 * Told of each dead letter before its message is acknowledged: at least once, and with the same `id` where a
 * crash makes it twice. What it throws is logged.
 */
export type DeadLetterHook = (letter: DeadLetter) => unknown;

interface Letter {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs;
}

/** Stores dead letters. */
export class DeadLetterWriter<M extends DeadMessage> {
  private hooks: readonly DeadLetterHook[] = [];

  constructor(
    private readonly connection: MillraceConnection,
    /** `dead.<context>.<event>.<group>.<key>` of a message. */
    private readonly subjectOf: (message: M) => string,
    /** Makes the stream of dead letters again, when it was deleted. */
    private readonly restore?: () => Promise<void>,
  ) {}

  /** Tells `hooks`, those that are added later included, of each dead letter that this writer stores. */
  tellTo(hooks: readonly DeadLetterHook[]): this {
    this.hooks = hooks;
    return this;
  }

  /**
   * Resolves when the dead letter is stored; a second one of the same message and group is not.
   * @throws PublishError when it is not stored.
   */
  async write(message: M, cause: Error): Promise<void> {
    const subject = this.subjectOf(message);
    if (await hasOlderLetter(this.connection, message, subject)) return;
    try {
      const headers = deadLetterHeaders(message, cause, 'full');
      await this.store({ subject, payload: message.body, headers });
    } catch (error) {
      if (!MillraceError.is(error, ErrorCode.EventTooLarge)) throw error;
      await this.storeReduced(message, cause);
    }
  }

  // A body near the server's limit leaves no room for the cause. The original stays in its stream, so the
  // body can be left there; the dead letter itself must not fail.
  private async storeReduced(message: M, cause: Error): Promise<void> {
    const headers = deadLetterHeaders(message, cause, 'brief');
    headers.set(DeadHeader.BodyLeft, 'true');
    await this.store({ subject: this.subjectOf(message), payload: EMPTY, headers });
  }

  private async store(letter: Letter): Promise<void> {
    const stored = await this.publish(letter);
    // Also of a duplicate: whoever stored it first may have died before it told anybody.
    this.tell(letter, stored);
  }

  private async publish(letter: Letter): Promise<StoredAck> {
    const { publisher } = this.connection;
    try {
      return await publisher.publish(letter);
    } catch (error) {
      if (!this.restore || !MillraceError.is(error, ErrorCode.PublishNoStream)) throw error;
      await this.restore();
      return publisher.publish(letter);
    }
  }

  // Nobody waits for a hook: the message is acknowledged meanwhile.
  private tell({ subject, payload: body, headers }: Letter, { sequence }: StoredAck): void {
    if (this.hooks.length === 0) return;
    const { clock } = this.connection;
    const time = new Date(clock.now());
    const letter = readDeadLetter({ subject, sequence, headers: readHeaders(headers), body, time });
    for (const hook of this.hooks) void this.call(hook, letter);
  }

  private async call(hook: DeadLetterHook, letter: DeadLetter): Promise<void> {
    try {
      await hook(letter);
    } catch (error) {
      this.connection.log.error(
        `onDeadLetter failed for the dead letter ${letter.id}: ${errorMessage(error)}`,
      );
    }
  }
}

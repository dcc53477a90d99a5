import { assertNever, ErrorCode, MillraceError } from '@millrace/core';
import { MessageInbox } from '../inbox/message.inbox.js';
import { Delivery } from '../message/delivery.js';
import { ACK, Outcome } from '../outcome/outcome.js';
import { Handler, Middleware } from './middleware.js';

export interface OnceOptions<M> {
  inbox: MessageInbox;
  /** For how long a message is known to have been handled. */
  ttlMs: number;
  /** The message's id, the same for every delivery and every copy of it within its stream. */
  idOf: (message: M) => string;
}

/**
 * Handles each message once per group, outside of `retry`: a duplicate of one that was handled is acknowledged
 * without a call, also beyond the last attempt; one of a message that is being handled waits.
 *
 * A crash after the handler and before its mark repeats the handler: effect and mark are one write only
 * through a bucket's `commit`.
 */
export const once =
  <M extends Delivery>({ inbox, ttlMs, idOf }: OnceOptions<M>): Middleware<M> =>
  (next) =>
  async (message) => {
    const answer = await inbox.claim(message, idOf(message));
    switch (answer.kind) {
      case 'handled':
        return ACK;
      case 'aborted':
        return { kind: 'retry', delayMs: 0, cause: interrupted() };
      case 'claimed': {
        const { claim } = answer;
        const outcome = await settled(next, message);
        if (outcome.kind === 'ack') await inbox.settle(message, claim, ttlMs);
        else await inbox.release(claim);
        if (outcome.kind === 'thrown') throw outcome.error;
        return outcome;
      }
      default:
        return assertNever(answer);
    }
  };

const settled = async <M>(
  next: Handler<M>,
  message: M,
): Promise<Outcome | { kind: 'thrown'; error: unknown }> => {
  try {
    return await next(message);
  } catch (error) {
    return { kind: 'thrown', error };
  }
};

const interrupted = (): MillraceError =>
  new MillraceError(ErrorCode.HandlerTimeout, 'The message was given up before it could be handled', {
    remedy: 'It is delivered again',
  });

import { Duration, ErrorCode, MillraceError, PermanentError, toError, toMillis } from '@millrace/core';
import { withCurrentMessage } from '../message/current-message.js';
import { Delivery } from '../message/delivery.js';
import { ACK, Outcome } from '../outcome/outcome.js';

export interface BatchItemParts<M extends Delivery> {
  message: M;
  /** How often a message is tried altogether. */
  attempts: number;
  resolve: (outcome: Outcome) => void;
  /** Fails the attempt. */
  reject: (error: unknown) => void;
}

/**
 * One message of a batch, with an outcome of its own. What is left unsettled is acknowledged when the handler
 * returns, and has failed when it throws.
 */
export class BatchItem<M extends Delivery> {
  private isSettled = false;

  constructor(private readonly parts: BatchItemParts<M>) {}

  get message(): M {
    return this.parts.message;
  }

  get settled(): boolean {
    return this.isSettled;
  }

  /** Done, also where the rest of the batch fails. @throws MillraceError `ALREADY_SETTLED` */
  ack(): void {
    this.claim();
    this.parts.resolve(ACK);
  }

  /**
   * The attempt has failed: again after `delay`, without one after the policy's back-off. After the last
   * attempt it goes to the dead letters, with `reason` as the cause.
   * @throws MillraceError `ALREADY_SETTLED`
   */
  retry(delay?: Duration, reason: string | Error = 'The batch handler asked for another attempt'): void {
    const delayMs = delay === undefined ? undefined : toMillis(delay, 'delay');
    this.claim();
    const cause = toError(reason);
    const { message, attempts, resolve, reject } = this.parts;
    if (delayMs === undefined) reject(cause);
    else if (message.attempt >= attempts) resolve({ kind: 'dead-letter', cause });
    else resolve({ kind: 'retry', delayMs, cause });
  }

  /** Moves the message to the dead letters. @throws MillraceError `ALREADY_SETTLED` */
  deadLetter(reason: string | Error): void {
    this.claim();
    const cause = typeof reason === 'string' ? new PermanentError(reason) : reason;
    this.parts.resolve({ kind: 'dead-letter', cause });
  }

  /** Runs `task` as the handling of this message: what it commits to buckets is recognised when it comes again. */
  run<R>(task: () => R): R {
    return withCurrentMessage(this.message, task);
  }

  /** The batch is over: `failure` is what it threw. */
  end(failure?: { error: unknown }): void {
    if (this.isSettled) return;
    this.isSettled = true;
    if (failure) this.parts.reject(failure.error);
    else this.parts.resolve(ACK);
  }

  private claim(): void {
    if (this.isSettled) {
      const { stream, sequence } = this.message;
      throw new MillraceError(ErrorCode.AlreadySettled, `${stream} ${sequence} was settled already`, {
        remedy: 'Call one of ack(), retry() and deadLetter(), once, before the handler returns or times out',
        details: { stream, sequence },
      });
    }
    this.isSettled = true;
  }
}

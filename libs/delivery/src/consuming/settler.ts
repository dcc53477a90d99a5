import { assertNever, errorMessage, MillraceConnection } from '@millrace/core';
import { DeadLetterWriter } from '../dead-letters/dead-letter.writer.js';
import { UnwrittenLetters } from '../dead-letters/unwritten-letters.js';
import { Delivery } from '../message/delivery.js';
import { outcomeOfFailure } from '../middleware/retry.middleware.js';
import { Outcome } from '../outcome/outcome.js';
import { RetryPolicy } from '../policy/retry.policy.js';
import { Answers } from './answers.js';
import { InHand } from './in-hand.js';
import { ACKNOWLEDGE, handBackAfter } from './settlement.js';

export interface SettlerOptions<M extends Delivery> {
  connection: MillraceConnection;
  deadLetters: DeadLetterWriter<M>;
  /** For what fails outside of the handler's own retries. */
  policy: RetryPolicy;
  /** A message whose dead letter had to wait is settled at last. */
  onSettledLate: (item: InHand<M>) => void;
  /** Whether answers still count. Default: always. */
  mayAnswer?: (() => boolean) | undefined;
}

/** After this, a message that could not even be dead-lettered is delivered again. */
const UNSETTLED_RETRY_MS = 5000;

/** Carries out what became of a message: answers the server, its dead letter stored first where there is one. */
export class Settler<M extends Delivery> {
  private readonly answers: Answers;
  private readonly unwritten: UnwrittenLetters<InHand<M>>;
  private stopping = false;

  constructor(private readonly options: SettlerOptions<M>) {
    const { clock, health, log } = options.connection;
    this.answers = new Answers({
      isConnected: () => health.current.state === 'connected',
      mayAnswer: options.mayAnswer,
      onLost: (error) => log.warn(`An answer was lost, so its message comes again: ${errorMessage(error)}`),
    });
    this.unwritten = new UnwrittenLetters(
      clock,
      (item, cause) => this.writeDeadLetter(item, cause),
      options.onSettledLate,
    );
  }

  /** Messages that only wait for their dead letter to be stored. */
  get unwrittenCount(): number {
    return this.unwritten.size;
  }

  isUnwritten(item: InHand<M>): boolean {
    return this.unwritten.has(item);
  }

  /** Sends what was answered at once, for messages that came together. */
  flushSoon(): void {
    this.answers.flushSoon();
  }

  /** Sends the answers that wait to be sent: for the end of the turn, or for the connection to come back. */
  flush(): void {
    this.answers.flush();
  }

  /** Keeps no dead letter waiting any more. Gives back those whose dead letters could not be stored. */
  stop(): InHand<M>[] {
    this.stopping = true;
    return this.unwritten.stop();
  }

  settle(item: InHand<M>, outcome: Outcome): void | Promise<void> {
    if (item.settled) return;
    switch (outcome.kind) {
      case 'ack':
        return this.answer(item, ACKNOWLEDGE);
      case 'retry':
        return this.handBack(item, outcome.delayMs);
      case 'dead-letter':
        return this.deadLetter(item, outcome.cause);
      default:
        return assertNever(outcome);
    }
  }

  /** Settles a message whose handling gave no outcome. Never fails. */
  async settleFailure(item: InHand<M>, failure: unknown): Promise<void> {
    try {
      await this.settle(item, outcomeOfFailure(failure, item.delivery.attempt, this.options.policy));
    } catch (error) {
      this.options.connection.log.error(
        `${item.delivery.group}: no outcome for ${item.delivery.subject}: ${errorMessage(error)}`,
      );
      this.handBack(item, UNSETTLED_RETRY_MS);
    }
  }

  handBack(item: InHand<M>, delayMs: number): void {
    if (!item.settled) item.returned = true;
    this.answer(item, handBackAfter(delayMs));
  }

  private answer(item: InHand<M>, answer: Uint8Array): void {
    if (item.settled) return;
    item.settled = true;
    this.answers.give(item, answer);
  }

  private async deadLetter(item: InHand<M>, cause: Error): Promise<void> {
    // While others wait to be stored, this one would only keep its handler's place for as long as a try takes.
    if (this.unwritten.size === 0 && (await this.writeDeadLetter(item, cause))) return;
    if (!this.stopping && this.unwritten.keep(item, cause)) return;
    this.handBack(item, UNSETTLED_RETRY_MS);
  }

  // The dead letter is stored before the message is acknowledged: a crash in between makes a duplicate that
  // the server recognises, never a loss.
  private async writeDeadLetter(item: InHand<M>, cause: Error): Promise<boolean> {
    try {
      await this.options.deadLetters.write(item.delivery, cause);
    } catch (error) {
      this.options.connection.log.error(
        `${item.delivery.group}: the dead letter of ${item.delivery.subject} could not be stored: ${errorMessage(error)}`,
      );
      return false;
    }
    // Also where the shutdown has handed the message back meanwhile: there is nothing left to handle.
    item.settled = true;
    item.returned = false;
    this.answers.give(item, ACKNOWLEDGE);
    return true;
  }
}

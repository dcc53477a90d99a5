import { Msg } from '@nats-io/transport-node';

/** So many at the most wait for the end of a turn: the server may as well begin with them. */
const MOST_AT_ONCE = 64;

/** What an answer goes to: a message whose latest delivery may change while the answer waits. */
export interface Answerable {
  readonly message: Pick<Msg, 'respond'>;
}

export interface AnswersPorts {
  isConnected: () => boolean;
  /** Whether answers still count, asked when one is sent. Default: always. */
  mayAnswer?: (() => boolean) | undefined;
  /** Hears of an answer that could not be sent, for the connection was closed. */
  onLost: (error: unknown) => void;
}

/**
 * Answers to deliveries. What is answered in one turn of the event loop is sent together at its end: handlers
 * end one after another, and a write to the socket for each would cost more than handling.
 *
 * The client throws away what is sent while the connection is away, and a lost answer costs a second handling:
 * such answers are kept until it is back. The server takes them as long as it has not given the message up.
 */
export class Answers {
  // Two lists in step: an object or a closure for each answer would be garbage in the hottest place.
  private waiting: Answerable[] = [];
  private answers: Uint8Array[] = [];
  private scheduled = false;
  private soon = false;

  constructor(private readonly ports: AnswersPorts) {}

  give(to: Answerable, answer: Uint8Array): void {
    this.waiting.push(to);
    this.answers.push(answer);
    if (this.waiting.length >= MOST_AT_ONCE) return this.sendIfConnected();
    if (this.scheduled) return;
    this.scheduled = true;
    // Runs when no promise has anything left to do.
    process.nextTick(() => {
      this.scheduled = false;
      this.sendIfConnected();
    });
  }

  /**
   * Sends what waits when what runs now is done, and not at the end of the turn: together with whatever is published
   * for the same piece of what was received.
   */
  flushSoon(): void {
    if (this.soon || this.waiting.length === 0) return;
    this.soon = true;
    queueMicrotask(() => {
      this.soon = false;
      this.sendIfConnected();
    });
  }

  /** Sends what waits, now. */
  flush(): void {
    const { waiting, answers } = this;
    this.waiting = [];
    this.answers = [];
    for (let at = 0; at < waiting.length; at++) this.send(waiting[at], answers[at]);
  }

  private send(to: Answerable | undefined, answer: Uint8Array | undefined): void {
    const { mayAnswer, onLost } = this.ports;
    if (mayAnswer && !mayAnswer()) return;
    try {
      to?.message.respond(answer);
    } catch (error) {
      onLost(error);
    }
  }

  private sendIfConnected(): void {
    if (this.ports.isConnected()) this.flush();
  }
}

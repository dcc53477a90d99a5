/** So many at the most wait for the end of a turn: the server may as well begin with them. */
const MOST_AT_ONCE = 64;

/**
 * Answers to deliveries. What is answered in one turn of the event loop is sent together at its end: handlers
 * end one after another, and a write to the socket for each would cost more than handling.
 *
 * The client throws away what is sent while the connection is away, and a lost answer costs a second handling:
 * such answers are kept until it is back. The server takes them as long as it has not given the message up.
 */
export class Answers {
  private waiting: (() => void)[] = [];
  private scheduled = false;

  /** `onLost` hears of an answer that could not be sent, for the connection was closed. */
  constructor(
    private readonly isConnected: () => boolean,
    private readonly onLost: (error: unknown) => void,
  ) {}

  give(answer: () => void): void {
    this.waiting.push(answer);
    if (this.waiting.length >= MOST_AT_ONCE) return this.sendIfConnected();
    if (this.scheduled) return;
    this.scheduled = true;
    // Runs when no promise has anything left to do.
    process.nextTick(() => {
      this.scheduled = false;
      this.sendIfConnected();
    });
  }

  /** Sends what waits, now. */
  flush(): void {
    const answers = this.waiting;
    this.waiting = [];
    for (const answer of answers) {
      try {
        answer();
      } catch (error) {
        this.onLost(error);
      }
    }
  }

  private sendIfConnected(): void {
    if (this.isConnected()) this.flush();
  }
}

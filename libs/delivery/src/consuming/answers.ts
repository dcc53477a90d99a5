/**
 * Answers to deliveries. The client throws away what is sent while the connection is away, and a lost answer
 * costs a second handling: such answers are kept until it is back. The server takes them as long as it has
 * not given the message up.
 */
export class Answers {
  private kept: (() => void)[] = [];

  constructor(private readonly isConnected: () => boolean) {}

  give(answer: () => void): void {
    if (this.isConnected()) answer();
    else this.kept.push(answer);
  }

  /** Sends what was kept. */
  flush(): void {
    const answers = this.kept;
    this.kept = [];
    for (const answer of answers) answer();
  }
}

const COMPACT_AT = 1024;

/** Bounds how many publishes are under way: the back-pressure of a publisher. First come, first served. */
export class InFlightWindow {
  private inFlight = 0;
  private waiting: ((() => void) | undefined)[] = [];
  /** Where the line begins: shifting a long array moves all of it. */
  private head = 0;
  private admitting = false;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.inFlight;
  }

  /** Takes a place where one is free. */
  tryEnter(): boolean {
    if (this.inFlight >= this.limit) return false;
    this.inFlight++;
    return true;
  }

  /** Calls `entered` with the place taken, as soon as one is free. Returns how to give up waiting. */
  enterWhenFree(entered: () => void): () => void {
    this.waiting.push(entered);
    return () => {
      const at = this.waiting.indexOf(entered, this.head);
      if (at >= 0) this.waiting[at] = undefined;
    };
  }

  /** Gives the place to the next in line, or frees it. */
  leave(): void {
    this.inFlight--;
    // Whoever enters may leave at once: a loop, for a long line would overflow the stack.
    if (this.admitting) return;
    this.admitting = true;
    try {
      while (this.inFlight < this.limit) {
        const next = this.takeNext();
        if (!next) return;
        this.inFlight++;
        next();
      }
    } finally {
      this.admitting = false;
    }
  }

  private takeNext(): (() => void) | undefined {
    while (this.head < this.waiting.length) {
      const next = this.waiting[this.head++];
      if (this.head > COMPACT_AT && this.head * 2 > this.waiting.length) this.compact();
      if (next) return next;
    }
    this.compact();
    return undefined;
  }

  private compact(): void {
    this.waiting = this.waiting.slice(this.head);
    this.head = 0;
  }
}

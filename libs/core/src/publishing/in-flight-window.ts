/** Bounds how many publishes are under way: the back-pressure of a publisher. First come, first served. */
export class InFlightWindow {
  private inFlight = 0;
  private readonly waiting: (() => void)[] = [];

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
      const at = this.waiting.indexOf(entered);
      if (at >= 0) this.waiting.splice(at, 1);
    };
  }

  /** Gives the place to the next in line, or frees it. */
  leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.inFlight--;
  }
}

/** Does work side by side, that of one key in order, and takes no more than it can do soon. */
export class KeyedPool {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  /** `limit`: work that is under way or waits for its key. */
  constructor(private readonly limit: number) {}

  /** Resolves when the work is taken, which is when there is room. `work` must not reject. */
  async add(key: string, work: () => Promise<void>): Promise<void> {
    while (this.taken >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.taken++;
    const tail = (this.tails.get(key) ?? Promise.resolve()).then(work).finally(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key);
      this.taken--;
      this.waiting.shift()?.();
    });
    this.tails.set(key, tail);
  }

  /** Resolves when everything taken is done. */
  async idle(): Promise<void> {
    await Promise.all(this.tails.values());
  }
}

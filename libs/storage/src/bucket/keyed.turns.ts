/** Runs tasks of one key one after the other, first come first served; those of different keys side by side. */
export class KeyedTurns {
  private readonly tails = new Map<string, Promise<void>>();

  async run<R>(key: string, task: () => Promise<R>): Promise<R> {
    const before = this.tails.get(key);
    let leave = (): void => undefined;
    const tail = new Promise<void>((resolve) => (leave = resolve));
    this.tails.set(key, tail);
    try {
      await before;
      return await task();
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
      leave();
    }
  }
}

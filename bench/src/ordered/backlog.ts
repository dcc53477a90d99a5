import { Contender } from '../contender.js';

export const KEYS = 1000;
export const STREAM = 'EVENTS_benchorder';
/** No class describes it: what is measured is the way of an event, not its validation. */
export const EVENT = 'benchorder.counted';

/** What is stored: each key's events are counted from 1. */
export interface Counted {
  key: string;
  n: number;
}

/** Counts what is handled, and what comes before the event before it. */
export class OrderCheck {
  private readonly last = new Map<string, number>();
  private left = 0;
  private finish: () => void = () => undefined;
  violations = 0;

  constructor(private readonly ordered: boolean) {}

  note({ key, n }: Counted): void {
    const before = this.last.get(key) ?? 0;
    if (this.ordered && n > before + 1) this.violations++;
    this.last.set(key, Math.max(before, n));
    if (--this.left <= 0) this.finish();
  }

  next(count: number): Promise<void> {
    this.last.clear();
    this.left = count;
    return new Promise((resolve) => (this.finish = resolve));
  }
}

/** One way to handle everything that is stored, by a group of the given name. */
export interface Way {
  readonly name: string;
  readonly ordered: boolean;
  /** Resolves to how to end it, and what is left of it on the server. */
  begin(group: string, check: OrderCheck): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** A new group in every round. */
export const backlog = (way: Way): Contender => {
  let round = 0;
  return {
    name: way.name,
    run: async (count) => {
      const check = new OrderCheck(way.ordered);
      const handled = check.next(count);
      const end = await way.begin(`ordered-${process.pid}-${++round}`, check);
      await handled;
      await end();
      if (check.violations > 0) throw new Error(`${check.violations} events ran ahead`);
    },
    close: () => way.close(),
  };
};

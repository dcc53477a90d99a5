import { Clock, TimerHandle } from '@millrace/core';

interface Entry {
  readonly name: string;
  readonly at: number;
}

/** Names by the time at which each is due, over one timer. A binary heap, earliest first. */
export class Agenda {
  private heap: Entry[] = [];
  private readonly current = new Map<string, Entry>();
  private timer: TimerHandle | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly onDue: (name: string) => void,
  ) {}

  get size(): number {
    return this.current.size;
  }

  /** Sets when a name is due, in place of what was set. Milliseconds since the epoch. */
  set(name: string, at: number): void {
    const entry = { name, at };
    this.current.set(name, entry);
    this.push(entry);
    this.arm();
  }

  delete(name: string): void {
    this.current.delete(name);
  }

  clear(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.armedFor = Number.POSITIVE_INFINITY;
    this.heap = [];
    this.current.clear();
  }

  private arm(): void {
    const [first] = this.heap;
    if (!first || first.at >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = first.at;
    this.timer = this.clock.after(Math.max(0, first.at - this.clock.now()), () => this.ring());
  }

  private ring(): void {
    this.armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    for (let [first] = this.heap; first && first.at <= now; [first] = this.heap) {
      this.pop();
      // One that was set anew, or taken off, stays in the heap until its old time comes.
      if (this.current.get(first.name) !== first) continue;
      this.current.delete(first.name);
      this.onDue(first.name);
    }
    // Also where the timer was a moment early by the wall clock.
    this.arm();
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent]?.at ?? 0) <= entry.at) break;
      heap[at] = heap[parent] ?? entry;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const moved = heap.pop();
    if (!moved || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      const left = heap[child];
      const least = right && left && right.at < left.at ? child + 1 : child;
      const entry = heap[least];
      if (!entry || entry.at >= moved.at) break;
      heap[at] = entry;
      at = least;
    }
    heap[at] = moved;
  }
}

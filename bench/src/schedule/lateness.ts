import { Outcome } from './work.js';

/** When each piece was due, and when it happened. Milliseconds of the wall clock. */
export class Lateness {
  private readonly dueAt: Float64Array;
  private readonly lateMs: Float64Array;
  private happened = 0;
  private again = 0;

  constructor(count: number, due: () => number) {
    this.dueAt = Float64Array.from({ length: count }, due);
    this.lateMs = new Float64Array(count).fill(Number.NaN);
  }

  get isComplete(): boolean {
    return this.happened === this.dueAt.length;
  }

  due(n: number): number {
    return this.dueAt[n] ?? 0;
  }

  note(n: number): void {
    if (Number.isNaN(this.lateMs[n])) {
      this.lateMs[n] = Date.now() - this.due(n);
      this.happened++;
    } else {
      this.again++;
    }
  }

  /** Of those that happened, and how many never did, or again. */
  summary(): Pick<Outcome, 'p50' | 'p99' | 'max' | 'wrong'> {
    const sorted = this.lateMs.filter((ms) => !Number.isNaN(ms)).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const missing = this.dueAt.length - this.happened;
    return { p50: at(0.5), p99: at(0.99), max: at(1), wrong: missing + this.again };
  }
}

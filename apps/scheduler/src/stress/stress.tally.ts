import { type Latencies, type Stage, STAGES, summarize } from './stress.stages.js';

export interface StressCounts {
  /** Units that were begun. */
  sent: number;
  /** Both commands were answered. */
  answered: number;
  /** One of them was refused: the system said no. */
  refused: number;
  /** One of them failed: no answer, or an error. */
  failed: number;
  /** Orders that the system cancelled, as where a payment is declined. */
  cancelled: number;
  /** Answered units of which an event never came: the user's, the order's, or that of its end. */
  lost: number;
}

/** What a unit has passed, a bit for each: an event may come twice. */
type Flag = Stage | 'begun' | 'cancelled';
const FLAGS: readonly Flag[] = [...STAGES, 'begun', 'cancelled'];
const bitOf = (flag: Flag): number => 1 << FLAGS.indexOf(flag);

const BEGUN = bitOf('begun');
const PLACED = bitOf('placed');
const TOLD = bitOf('announced') | bitOf('created');
const ENDED = bitOf('processing') | bitOf('cancelled');

const isMissing = (flags: number): boolean =>
  (flags & PLACED) !== 0 && ((flags & TOLD) !== TOLD || (flags & ENDED) === 0);

/** What has become of the units of one run. */
export class StressTally {
  private readonly samples = new Map<Stage, number[]>(STAGES.map((stage) => [stage, []]));
  private readonly flags: Uint8Array;
  private readonly counts = { sent: 0, refused: 0, failed: 0, cancelled: 0 };

  /** `dueAt` tells when a unit was due, by the clock whose time `pass` is given. */
  constructor(private readonly units: { total: number; dueAt: (unit: number) => number }) {
    this.flags = new Uint8Array(units.total);
  }

  begin(unit: number): void {
    this.counts.sent++;
    this.flags[unit] = BEGUN;
  }

  pass(unit: number, stage: Stage, at: number): void {
    if (this.raise(unit, stage)) this.samples.get(stage)?.push(at - this.units.dueAt(unit));
  }

  cancel(unit: number): void {
    if (this.raise(unit, 'cancelled')) this.counts.cancelled++;
  }

  drop(outcome: 'refused' | 'failed'): void {
    this.counts[outcome]++;
  }

  /** Whether everything has been told of every unit that was answered. */
  get isSettled(): boolean {
    return !this.flags.some(isMissing);
  }

  /** How it stands. While units are on their way, what is missing is not lost. */
  report(isOver: boolean): { counts: StressCounts; stages: Latencies[] } {
    const answered = this.samples.get('placed')?.length ?? 0;
    const lost = isOver ? this.flags.filter(isMissing).length : 0;
    return {
      counts: { ...this.counts, answered, lost },
      stages: STAGES.map((stage) => summarize(stage, this.samples.get(stage) ?? [])),
    };
  }

  /** False where the unit is none of this run, or had it before. */
  private raise(unit: number, flag: Flag): boolean {
    const flags = this.flags[unit] ?? 0;
    const bit = bitOf(flag);
    if ((flags & BEGUN) === 0 || (flags & bit) !== 0) return false;
    this.flags[unit] = flags | bit;
    return true;
  }
}

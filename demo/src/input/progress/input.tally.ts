import { Unit } from '../invoices/unit.js';
import { SendOutcome } from '../sending/outcome.js';
import { NO_PROGRESS, Progress } from './progress.store.js';

const PROBLEMS = 10;

/** Counts what came of the units of a file, over all runs. */
export class InputTally {
  invoices = 0;
  /** More than the invoices, where some are split. What was refused is among them. */
  orders = 0;
  guests = 0;
  /** The first that went wrong in this run. */
  readonly problems: string[] = [];
  private kept: Progress = NO_PROGRESS;

  get progress(): Progress {
    return this.kept;
  }

  /** Goes on from where an earlier run was. */
  resume(progress: Progress): void {
    this.kept = { ...progress, finished: false };
  }

  finish(): void {
    this.kept = { ...this.kept, finished: true };
  }

  /** A unit that an earlier run had done: what came of it is in the progress. */
  pass(unit: Unit): void {
    if (unit.kind !== 'order') return;
    this.orders++;
    if (unit.part > 1) return;
    this.invoices++;
    if (unit.customer === undefined) this.guests++;
  }

  /** The next unit in the order of the file, now that it and all before it are done. */
  add(unit: Unit, outcome: SendOutcome): void {
    this.kept = { ...this.outcome(outcome), row: unit.row };
    this.pass(unit);
  }

  private outcome(outcome: SendOutcome): Progress {
    const { kept } = this;
    switch (outcome.kind) {
      case 'ordered':
      case 'known':
        return kept;
      case 'cancelled':
        return {
          ...kept,
          cancellations: kept.cancellations + 1,
          cancelledOrders: kept.cancelledOrders + outcome.orders,
        };
      case 'unmatched':
        return {
          ...kept,
          unmatched: { ...kept.unmatched, [outcome.why]: (kept.unmatched[outcome.why] ?? 0) + 1 },
        };
      case 'refused':
        if (this.problems.length < PROBLEMS) this.problems.push(outcome.problem);
        return { ...kept, refused: kept.refused + 1 };
    }
  }
}

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
  refused = 0;
  private reached: Progress = NO_PROGRESS;
  private beforeRefusal: Progress | undefined;

  /** How far it is. */
  get progress(): Progress {
    return this.reached;
  }

  /** From where another run is to go on: what was refused, and all behind it, is to be tried again. */
  get toKeep(): Progress {
    return this.beforeRefusal ?? this.reached;
  }

  /** Goes on from where an earlier run was. */
  resume(progress: Progress): void {
    this.reached = progress;
  }

  /** The end of the file was reached. */
  finish(): void {
    if (this.refused === 0) this.reached = { ...this.reached, finished: true };
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
    if (outcome.kind === 'refused') this.refuse(outcome.problem);
    this.reached = { ...this.after(outcome), row: unit.row };
    this.pass(unit);
  }

  private refuse(problem: string): void {
    this.beforeRefusal ??= this.reached;
    this.refused++;
    if (this.problems.length < PROBLEMS) this.problems.push(problem);
  }

  private after(outcome: SendOutcome): Progress {
    const { cancellations, cancelledOrders, unmatched } = this.reached;
    if (outcome.kind === 'cancelled') {
      return {
        ...this.reached,
        cancellations: cancellations + 1,
        cancelledOrders: cancelledOrders + outcome.orders,
      };
    }
    if (outcome.kind !== 'unmatched') return this.reached;
    const count = (unmatched[outcome.why] ?? 0) + 1;
    return { ...this.reached, unmatched: { ...unmatched, [outcome.why]: count } };
  }
}

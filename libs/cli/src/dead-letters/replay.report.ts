import { assertNever } from '@millrace/core';
import { Replayed } from '@millrace/delivery';
import { ExitCode } from '../exit-code.js';
import { Output } from '../output/output.js';
import { Progress } from '../output/progress.js';

/** Tells of a run of replays: a bar or lines of JSON while it goes on, then what became of all. */
export class ReplayReport {
  private readonly count = { replayed: 0, gone: 0, failed: 0 };
  private readonly failures: string[] = [];
  private readonly bar: Progress;

  constructor(
    private readonly output: Output,
    private readonly chosen: number,
  ) {
    this.bar = output.progress(chosen);
  }

  add(done: Replayed): void {
    this.bar.step();
    this.count[done.kind]++;
    if (this.output.isJson) this.output.json(outcomeJson(done));
    // Below the bar, not through it.
    else if (done.kind === 'failed') this.failures.push(`${done.id}: ${done.error.message}`);
  }

  /** To be called however the run ended. */
  end(): void {
    this.bar.stop();
    for (const failure of this.failures) this.output.note(failure);
    const { replayed, gone, failed } = this.count;
    const parts = [
      `${replayed} replayed`,
      ...(gone > 0 ? [`${gone} gone meanwhile`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(this.left > 0 ? [`${this.left} left: run the same command again to go on`] : []),
    ];
    const text = `${parts.join(', ')}.`;
    if (this.output.isJson) this.output.note(text);
    else this.output.line(text);
  }

  get exitCode(): ExitCode {
    if (this.left > 0) return ExitCode.Interrupted;
    return this.count.failed > 0 ? ExitCode.Failed : ExitCode.Done;
  }

  private get left(): number {
    const { replayed, gone, failed } = this.count;
    return this.chosen - replayed - gone - failed;
  }
}

/** `{ id, outcome, … }` */
export const outcomeJson = (done: Replayed): Record<string, unknown> => {
  const { id, kind: outcome } = done;
  switch (done.kind) {
    case 'replayed':
      return { id, outcome, stream: done.stream, sequence: done.sequence };
    case 'gone':
      return { id, outcome };
    case 'failed':
      return { id, outcome, error: done.error };
    default:
      return assertNever(done);
  }
};

import { DeadLetter } from '@millrace/delivery';
import { Output } from '../output/output.js';
import { Table } from '../output/table.js';
import { LETTER_COLUMNS, letterJson } from './letter.view.js';

/** The first so many decide how wide the columns are. */
const SAMPLE = 100;

/** Writes dead letters as they come, in columns that fit the first of them. */
export class LetterRows {
  count = 0;
  private sample: DeadLetter[] = [];
  private table: Table<DeadLetter> | undefined;

  constructor(private readonly output: Output) {}

  add(letter: DeadLetter): void {
    this.count++;
    const { output } = this;
    if (output.isJson) return output.json(letterJson(letter));
    if (this.table) return output.line(this.table.line(letter));
    this.sample.push(letter);
    if (this.sample.length >= SAMPLE) this.end();
  }

  /** Writes what was held back to measure it. */
  end(): void {
    if (this.table || this.sample.length === 0) return;
    const { output } = this;
    const table = new Table(LETTER_COLUMNS, this.sample);
    this.table = table;
    output.line(output.paint('bold', table.title));
    for (const letter of this.sample) output.line(table.line(letter));
    this.sample = [];
  }
}

/** What a dry run says. */
export const writeLetters = (output: Output, letters: readonly DeadLetter[]): void => {
  const rows = new LetterRows(output);
  for (const letter of letters) rows.add(letter);
  rows.end();
};

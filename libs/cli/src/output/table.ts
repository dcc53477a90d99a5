import { printable, shortened } from './printable.js';

export interface Column<T> {
  title: string;
  of: (row: T) => string;
  /** Longer texts are cut. */
  max: number;
}

const GAP = '  ';

/** The lines of a table, the title first. Widths are those of `rows`, so that more can follow under them. */
export class Table<T> {
  private readonly widths: number[];

  constructor(
    private readonly columns: readonly Column<T>[],
    rows: readonly T[],
  ) {
    this.widths = columns.map(({ title, of, max }) =>
      Math.min(max, Math.max(title.length, ...rows.map((row) => printable(of(row)).length))),
    );
  }

  get title(): string {
    return this.join(this.columns.map(({ title }) => title));
  }

  line(row: T): string {
    return this.join(this.columns.map(({ of }, at) => shortened(printable(of(row)), this.widths[at] ?? 0)));
  }

  private join(cells: readonly string[]): string {
    return cells
      .map((cell, at) => cell.padEnd(this.widths[at] ?? 0))
      .join(GAP)
      .trimEnd();
  }
}

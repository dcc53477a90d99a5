import { identify } from '../csv/file.identity.js';
import { CsvItem, CsvReader } from '../csv/csv.reader.js';
import { Reject } from '../rows/row.js';
import { RowParser } from '../rows/row.parser.js';
import { InvoiceGrouper } from './invoice.grouper.js';
import { Unit } from './unit.js';

export interface UnitReaderOptions {
  readonly file: string;
  /** Bytes to leave out at its beginning. */
  readonly start: number;
  readonly onReject: (reject: Reject) => Promise<void>;
}

/** Reads a file of order lines as orders and cancellations, in its order, holding one invoice at a time. */
export class UnitReader {
  /** Rows read so far, and the bytes of them. */
  rows = 0;
  bytes = 0;
  private readonly csv: CsvReader;
  private readonly grouper = new InvoiceGrouper();

  constructor(private readonly options: UnitReaderOptions) {
    this.csv = new CsvReader(options.file, options.start);
  }

  /** @throws Error where the first line does not name the columns, or the file cannot be read. */
  async *read(): AsyncGenerator<Unit, void, undefined> {
    let rows: RowParser | undefined;
    for await (const item of this.csv.read()) {
      this.bytes = item.end;
      if (!rows) {
        rows = new RowParser(item.kind === 'record' ? item.fields : []);
        continue;
      }
      if (isBlank(item)) continue;
      this.rows++;
      yield* await this.take(item, rows);
    }
    if (!rows) throw new Error('it is empty');
    yield* this.grouper.end();
  }

  private async take(item: CsvItem, rows: RowParser): Promise<readonly Unit[]> {
    const { line } = item;
    const fields = item.kind === 'record' ? item.fields : [];
    const leaveOut = async (reason: Reject['reason']): Promise<readonly Unit[]> => {
      await this.options.onReject({ line, reason, fields });
      return [];
    };
    if (item.kind === 'fault') return leaveOut('quotes');
    const parsed = rows.parse(fields, line);
    if (parsed.kind === 'reject') {
      // A quote in the wrong place may have drawn whole rows in.
      if (item.lines > 1 && parsed.reason === 'columns') this.csv.skip();
      return leaveOut(parsed.reason);
    }
    const grouped = this.grouper.add(parsed.row, this.rows);
    return grouped.kind === 'taken' ? grouped.units : leaveOut(grouped.kind);
  }
}

/** Why a file cannot be fed at all; `undefined` where it has order lines to look at. */
export const whyNotOrders = async (file: string): Promise<string | undefined> => {
  try {
    const { start } = await identify(file);
    await new UnitReader({ file, start, onReject: () => Promise.resolve() }).read().next();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const isBlank = (item: CsvItem): boolean =>
  item.kind === 'record' && item.fields.length === 1 && item.fields[0]?.trim() === '';

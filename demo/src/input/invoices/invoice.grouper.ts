import { Row } from '../rows/row.js';
import { Unit, UnitLine } from './unit.js';

/** As many lines as an order may have. */
const LINES = 100;

export type Grouped =
  | { readonly kind: 'taken'; readonly units: readonly Unit[] }
  /** The row's invoice was somebody else's further up. */
  | { readonly kind: 'other-customer' };

interface Open {
  readonly first: Row;
  part: number;
  lines: UnitLine[];
  lastRow: number;
}

/** Puts rows together: consecutive ones of one invoice are an order, or several where there are too many lines. */
export class InvoiceGrouper {
  private open: Open | undefined;

  /** `number`: of the row in its file. */
  add(row: Row, number: number): Grouped {
    const units: Unit[] = [];
    if (this.open && !isSameInvoice(this.open.first, row)) units.push(...this.end());
    const open = (this.open ??= { first: row, part: 1, lines: [], lastRow: number });
    if (open.first.customer !== row.customer) return { kind: 'other-customer' };
    if (open.lines.length === LINES) {
      // A cancellation needs no more to be found by.
      if (row.cancels) return { kind: 'taken', units };
      units.push(unitOf(open));
      open.part++;
      open.lines = [];
    }
    open.lines.push({ sku: row.sku, quantity: row.quantity, unitPriceCents: row.unitPriceCents });
    open.lastRow = number;
    return { kind: 'taken', units };
  }

  /** What is left at the end of the file. */
  end(): Unit[] {
    const open = this.open;
    this.open = undefined;
    return open ? [unitOf(open)] : [];
  }
}

const isSameInvoice = (one: Row, other: Row): boolean =>
  one.invoice === other.invoice && one.cancels === other.cancels;

const unitOf = ({ first, part, lines, lastRow }: Open): Unit => {
  const span = { invoice: first.invoice, customer: first.customer, line: first.line, row: lastRow };
  return first.cancels
    ? { kind: 'cancellation', ...span, skus: [...new Set(lines.map(({ sku }) => sku))] }
    : { kind: 'order', ...span, part, lines };
};

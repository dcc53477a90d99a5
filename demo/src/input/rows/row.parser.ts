import { isInvoiceDate } from './invoice.date.js';
import { RejectReason, Row } from './row.js';

/** The columns that a file must have, in whatever order. */
export const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;
type Column = (typeof COLUMNS)[number];

export type ParsedRow =
  { readonly kind: 'row'; readonly row: Row } | { readonly kind: 'reject'; readonly reason: RejectReason };

/** The limits of the order app. */
const MAX_QUANTITY = 100_000;
const MAX_PRICE_CENTS = 100_000_000;
const MAX_SKU = 64;

// Short enough to leave room for the prefix and the part in an id of 64 characters.
const INVOICE = /^(C?)([A-Z0-9][A-Z0-9-]{0,39})$/;
const WHOLE = /^-?\d+$/;
const PRICE = /^-?\d+(\.\d+)?$/;
// Spreadsheets and data frames turn a column with gaps into fractions.
const CUSTOMER = /^([A-Z0-9][A-Z0-9-]{0,39})(?:\.0)?$/;

/** Reads rows as the header says. */
export class RowParser {
  private readonly places: Readonly<Record<Column, number>>;
  private readonly width: number;

  /** @throws Error that names the columns which are missing. */
  constructor(header: readonly string[]) {
    const names = header.map((name) => name.trim().toLowerCase());
    const missing = COLUMNS.filter((column) => !names.includes(column.toLowerCase()));
    if (missing.length > 0) throw new Error(`its first line does not name the columns ${missing.join(', ')}`);
    const placed = COLUMNS.map((column) => [column, names.indexOf(column.toLowerCase())]);
    this.places = Object.fromEntries(placed) as Record<Column, number>;
    this.width = header.length;
  }

  parse(fields: readonly string[], line: number): ParsedRow {
    if (fields.length !== this.width) return reject('columns');
    const value = (column: Column): string => (fields[this.places[column]] ?? '').trim();
    const [, sign, number] = INVOICE.exec(value('InvoiceNo').toUpperCase()) ?? [];
    if (number === undefined) return reject('invoice');
    const cancels = sign !== '';
    const sku = value('StockCode');
    if (sku === '' || sku.length > MAX_SKU) return reject('stock-code');
    const quantity = quantityOf(value('Quantity'), cancels);
    if (typeof quantity !== 'number') return reject(quantity);
    const unitPriceCents = centsOf(value('UnitPrice'));
    if (unitPriceCents === undefined) return reject('price');
    if (!isInvoiceDate(value('InvoiceDate'))) return reject('date');
    const [, customer] = CUSTOMER.exec(value('CustomerID').toUpperCase()) ?? [];
    if (customer === undefined && value('CustomerID') !== '') return reject('customer');
    return { kind: 'row', row: { line, invoice: number, cancels, sku, quantity, unitPriceCents, customer } };
  }
}

const reject = (reason: RejectReason): ParsedRow => ({ kind: 'reject', reason });

const quantityOf = (text: string, cancels: boolean): number | RejectReason => {
  const quantity = Number(text);
  if (!WHOLE.test(text) || quantity === 0 || Math.abs(quantity) > MAX_QUANTITY) return 'quantity';
  return quantity < 0 === cancels ? Math.abs(quantity) : 'sign';
};

/** Whole cents, rounded: some prices have more than two places. Exact, for the decimal point moves in the text. */
const centsOf = (text: string): number | undefined => {
  if (!PRICE.test(text)) return undefined;
  const cents = Math.round(Number(`${text}e2`));
  return cents >= 0 && cents <= MAX_PRICE_CENTS && !text.startsWith('-') ? cents : undefined;
};

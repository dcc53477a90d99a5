import { RejectReason } from '../input/rows/row.js';
import { csvLine } from './csv.line.js';

/** A good row's fields, in the order of the columns. */
export type Fields = readonly [
  invoice: string,
  sku: string,
  description: string,
  quantity: string,
  date: string,
  price: string,
  customer: string,
  country: string,
];

export interface Blemish {
  readonly reason: RejectReason;
  /** Makes a line of it that nobody can use. */
  readonly spoil: (fields: Fields) => string;
}

const withField =
  (at: number, value: string) =>
  (fields: Fields): string =>
    csvLine(fields.map((field, place) => (place === at ? value : field)));

// Each of the lines of a row that is none is one by itself.
const onOneLine = (fields: Fields): string[] => fields.map((field) => field.replaceAll('\r\n', ' '));

/** All the ways in which a row of the sample can be wrong. */
export const BLEMISHES: readonly [Blemish, ...Blemish[]] = [
  { reason: 'columns', spoil: (fields) => csvLine(onOneLine(fields).slice(0, 5)) },
  { reason: 'columns', spoil: (fields) => csvLine([...onOneLine(fields), '?']) },
  { reason: 'invoice', spoil: withField(0, '') },
  { reason: 'stock-code', spoil: withField(1, '') },
  { reason: 'quantity', spoil: withField(3, '0') },
  { reason: 'quantity', spoil: withField(3, 'six') },
  { reason: 'sign', spoil: withField(3, '-2') },
  { reason: 'date', spoil: withField(4, '2/30/2011 9:15') },
  { reason: 'price', spoil: withField(5, '-11062.06') },
  { reason: 'price', spoil: withField(5, '2,55') },
  { reason: 'customer', spoil: withField(6, '#REF!') },
  { reason: 'quotes', spoil: ([invoice, sku]) => `${invoice},${sku},"A QUOTE THAT IS NEVER CLOSED,1\r\n` },
];

/** A line of an invoice, or of a cancellation. */
export interface Row {
  readonly line: number;
  /** Without the `C` of a cancellation. */
  readonly invoice: string;
  readonly cancels: boolean;
  readonly sku: string;
  /** Positive, of a cancellation too. */
  readonly quantity: number;
  readonly unitPriceCents: number;
  /** `undefined` where nobody knows who bought. */
  readonly customer: string | undefined;
}

/** Why a row is left out. */
export const REJECT_REASONS = {
  quotes: 'a quote is misplaced or never closed',
  columns: 'it has not as many columns as the header',
  invoice: 'the invoice number is missing or is none',
  'stock-code': 'the stock code is missing or longer than 64 characters',
  quantity: 'the quantity is not a whole number from 1 to 100,000',
  sign: 'a quantity is negative in cancellations, and only there',
  price: 'the unit price is not a number from 0 to 1,000,000',
  date: 'the date is none',
  customer: 'the customer number is none',
  'other-customer': 'the invoice is of another customer further up',
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;

export interface Reject {
  readonly line: number;
  readonly reason: RejectReason;
  readonly fields: readonly string[];
}

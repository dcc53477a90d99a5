/** What is sent as one: an order, or a cancellation. */
export type Unit = OrderUnit | CancellationUnit;

interface Span {
  /** Without the `C` of a cancellation. */
  readonly invoice: string;
  readonly customer: string | undefined;
  /** Where it begins in the file. */
  readonly line: number;
  /** The number of its last row. */
  readonly row: number;
}

export interface OrderUnit extends Span {
  readonly kind: 'order';
  /** From 1: an invoice of more lines than an order may have is several orders. */
  readonly part: number;
  readonly lines: readonly UnitLine[];
}

export interface UnitLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceCents: number;
}

export interface CancellationUnit extends Span {
  readonly kind: 'cancellation';
  readonly skus: readonly string[];
}

/** The id of the order that an invoice, or a part of it, becomes. */
export const orderIdOf = (invoice: string, part = 1): string =>
  part === 1 ? `invoice-${invoice}` : `invoice-${invoice}-${part}`;

/** The user that a customer becomes. Who is not known is a guest: one for each invoice, for they may all be others. */
export const userIdOf = ({ customer, invoice }: Pick<Unit, 'customer' | 'invoice'>): string =>
  customer === undefined ? `guest-${invoice}` : `customer-${customer}`;

export const userOf = (
  unit: Pick<Unit, 'customer' | 'invoice'>,
): { id: string; name: string; email: string } => {
  const id = userIdOf(unit);
  const name = unit.customer === undefined ? `Guest of invoice ${unit.invoice}` : `Customer ${unit.customer}`;
  return { id, name, email: `${id.toLowerCase()}@example.org` };
};

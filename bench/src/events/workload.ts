/** What is published: one kind of event, as plain objects. Only Millrace makes instances of a class of them. */
export interface Workload {
  readonly kind: 'small' | 'large' | 'unchecked';
  /** As the cases are called. */
  readonly name: string;
  /** The `n`th event; its `orderId` is `o<n>`. */
  eventOf(n: number): Identified;
}

export interface Identified {
  orderId: string;
}

const NOTE = 'Please leave it with the neighbours of number twelve. '.repeat(6);

/** 1 KiB as JSON. */
const orderOf = (n: number) => ({
  orderId: `o${n}`,
  userId: `user-${n % 700}`,
  email: 'someone@example.org',
  currency: 'EUR',
  totalCents: 12_345,
  taxCents: 1_970,
  paidAt: new Date(1_767_322_000_000 + n),
  express: n % 2 === 0,
  note: NOTE,
  city: 'Rotterdam',
  country: 'NL',
  lines: Array.from({ length: 8 }, (_, at) => ({ sku: `A-${at}`, quantity: 2, unitPriceCents: 1_000 })),
});

/** 128 bytes as JSON. */
const noteOf = (n: number) => ({
  orderId: `o${n}`,
  totalCents: 12_345,
  currency: 'EUR',
  city: 'Rotterdam, Kralingen, Oostzeedijk Beneden 213a',
});

export const SMALL = { kind: 'small', name: '128 B', eventOf: noteOf } as const satisfies Workload;
export const LARGE = { kind: 'large', name: '1 KiB', eventOf: orderOf } as const satisfies Workload;

/** {@link LARGE} of a class without rules: nothing is validated. */
export const UNCHECKED: Workload = { ...LARGE, kind: 'unchecked' };

/** Which event this is. */
export const indexOf = (event: unknown): number => Number((event as Identified).orderId.slice(1));

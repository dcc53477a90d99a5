/** What came of a unit. */
export type SendOutcome =
  | { readonly kind: 'ordered' }
  /** It was there, exactly so: a request repeated. */
  | { readonly kind: 'known' }
  | { readonly kind: 'cancelled'; readonly orders: number }
  | { readonly kind: 'unmatched'; readonly why: Unmatched }
  /** An answer that should not be. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Why a cancellation cancelled nothing. */
export const UNMATCHED = {
  'no-order': 'no order has its number, and no open order of its customer has one of its stock codes',
  'no-customer': 'no order has its number, and it names no customer',
  'too-late': 'what it would cancel cannot be cancelled any more',
} as const;
export type Unmatched = keyof typeof UNMATCHED;

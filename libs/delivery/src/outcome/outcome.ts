/** What becomes of a delivery. */
export type Outcome =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly cause: Error }
  | { readonly kind: 'dead-letter'; readonly cause: Error };

export const ACK: Outcome = Object.freeze({ kind: 'ack' });

/** Promises of the framework that a run can break. */
export type ViolationKind =
  | 'lost-publish'
  | 'duplicate-publish'
  | 'lost'
  | 'duplicate-effect'
  | 'torn-commit'
  | 'order'
  | 'dead-letter-duplicate'
  | 'recovery'
  | 'surprise';

export interface Violation {
  readonly kind: ViolationKind;
  readonly what: string;
}

/** How many of `violations` are of these kinds. */
export const countOf = (violations: readonly Violation[], ...kinds: readonly ViolationKind[]): number =>
  violations.filter(({ kind }) => kinds.includes(kind)).length;

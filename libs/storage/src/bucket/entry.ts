/** One key with its value, as it was when it was read. */
export interface Entry<T extends object> {
  readonly key: string;
  /** A validated instance of the bucket's class. */
  readonly value: T;
  /** Counts up over the whole bucket: a key's newer value always has a higher one. */
  readonly revision: number;
  /** When this revision was stored, by the server's clock. */
  readonly updatedAt: Date;
}

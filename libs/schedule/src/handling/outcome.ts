/** What became of one attempt to handle an occurrence. */
export type OutcomeKind = 'done' | 'retrying' | 'dead-lettered' | 'skipped';

/** One attempt, as it is stored. */
export interface OutcomeRecord {
  /** The occurrence's id. */
  readonly occurrence: string;
  readonly outcome: OutcomeKind;
  /** How long the handler took. Milliseconds. */
  readonly durationMs: number;
  readonly attempt: number;
  readonly group: string;
  /** ISO 8601. */
  readonly endedAt: string;
  /** Why it failed. */
  readonly error?: string;
}

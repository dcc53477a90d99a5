/** What a contender's process is told to do: one thing at a time. */
export interface Order {
  readonly task: 'prepare' | 'run' | 'sample' | 'close';
  readonly count: number;
}

/** What it answers: first its contender's name, then the outcome of each order; or what went wrong, at any time. */
export type Answer = { readonly value: unknown } | { readonly failure: Failure };

export interface Failure {
  readonly message: string;
  readonly stack: string;
}

/** What a run took. */
export interface Taken {
  readonly tookMs: number;
  /** Processor time of the contender's process, garbage collection included. */
  readonly cpuMicros: number;
}

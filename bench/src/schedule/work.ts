/** What a contender is told to do. */
export interface Work {
  readonly count: number;
  /** How long after the first is made the first comes due. */
  readonly leadMs: number;
  /** Within how long all come due, at random. */
  readonly windowMs: number;
}

/** One way to have things happen at a time of their own. */
export interface Timekeeper {
  /** Has piece `n` happen at a time; resolves when that is certain. */
  make(n: number, at: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Called for each piece that happens. */
export type OnDue = (n: number) => void;
export type OpenTimekeeper = (servers: string, onDue: OnDue) => Promise<Timekeeper>;

/** What came of the work. */
export interface Outcome {
  readonly madePerSecond: number;
  /** Milliseconds after each was due. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How many never happened, or again. */
  readonly wrong: number;
  /** The largest resident set of the process. */
  readonly processMiB: number;
}

import { Row } from './row.js';

/** What a suite is given. */
export interface Bench {
  /** A nats-server of the suite's own. */
  readonly url: string;
  readonly rounds: number;
  /** Pieces of work each contender does per round. */
  readonly count: number;
  /** Whether each kind of work is enough, in place of each of its sizes: a process takes most of a second to begin. */
  readonly brief: boolean;
}

/** A family of cases that share a server. */
export interface Suite {
  readonly name: string;
  /** Payload, window and storage of its cases, as the report says them. */
  readonly setting: string;
  /** Pieces of work per round, where the command line does not say. */
  readonly count: number;
  run(bench: Bench): Promise<Row[]>;
}

import { Duration } from '@millrace/core';

/** How to send one command. */
export interface ExecuteOptions {
  /**
   * How long to wait for the answer, of each try. Default the contract's. Within a handler, what is left of its
   * own time where that is less.
   */
  timeout?: Duration;
  /** Gives up, and aborts the handler's signal. Within a handler, its own signal does so too. */
  signal?: AbortSignal;
  /**
   * How often to try again where nobody handles the command, the replica is overloaded or no answer comes in
   * time. Default 0. After a lost answer the handler may run a second time, unless there is an `idempotencyKey`.
   */
  retries?: number;
  /** Calls of this command with one key get the answer of the first. */
  idempotencyKey?: string;
  /** Headers of your own. `Nats-`, `ce-` and `Millrace-` names are refused. */
  headers?: Readonly<Record<string, string>>;
}

/** How to ask for a stream. */
export interface StreamOptions extends Pick<ExecuteOptions, 'signal' | 'headers'> {
  /** How long the whole stream may take. Default: as long as it likes. */
  timeout?: Duration;
  /** How many items may be under way. Default 64. */
  window?: number;
}

/** How to ask every replica. */
export interface ScatterOptions extends Pick<ExecuteOptions, 'signal' | 'headers'> {
  /** How long to gather answers. Default 1 s: whoever has not answered by then is left out. */
  timeout?: Duration;
  /** Complete as soon as so many have answered. Default: no bound but the time. */
  max?: number;
}

export const CALL_DEFAULTS = { scatterTimeout: '1s', streamWindow: 64 } as const;

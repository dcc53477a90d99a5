import { Duration } from '@millrace/core';
import { Priority } from './task.queue.js';

/** How to dispatch one command. */
export interface DispatchOptions {
  /** Dispatches of this command with one key are one task, for as long as its result is kept. */
  idempotencyKey?: string;
  /** Default `normal`. */
  priority?: Priority;
  /** How long the result is kept. Default the module's. */
  keepResult?: Duration;
  /** Headers of your own. `Nats-`, `ce-` and `Millrace-` names are refused. */
  headers?: Readonly<Record<string, string>>;
}

import { Workload } from './workload.js';

/** Called for every event that is handled, with what its handler was given. */
export type OnEvent = (event: unknown) => void;

/** One way to bring events from a publisher to a handler. */
export interface Pipe {
  readonly name: string;
  /** Publishes the events `first` to `first + count - 1`, and resolves when all are stored. */
  publish(first: number, count: number): Promise<void>;
  /** Publishes one event, and resolves when it is stored. */
  send(n: number): Promise<unknown>;
  /** Begins to handle. Resolves to how to stop; what was handled stays handled. */
  handle(onEvent: OnEvent): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export type OpenPipe = (url: string, workload: Workload) => Promise<Pipe>;

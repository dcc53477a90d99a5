import { AsyncLocalStorage } from 'node:async_hooks';

/** A `traceparent`, or what finds it when something asks for it. */
export type TraceSource = string | (() => string | undefined) | undefined;

const storage = new AsyncLocalStorage<TraceSource>();

/** The `traceparent` of the work that the running code belongs to, beside the handling of messages; see `withTrace`. */
export const currentTrace = (): string | undefined => {
  const source = storage.getStore();
  return typeof source === 'function' ? source() : source;
};

/**
 * Runs `task` as a part of a trace: what it publishes, commits and executes continues it. For whatever begins
 * work outside of NATS, as an HTTP request does. Without a `traceparent` the task belongs to no trace.
 */
export const withTrace = <T>(trace: TraceSource, task: () => T): T => storage.run(trace, task);

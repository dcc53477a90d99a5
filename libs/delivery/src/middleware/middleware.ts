import { Outcome } from '../outcome/outcome.js';

/**
 * Handles one message and says what becomes of it. At once where nothing has to be waited for: a promise for each
 * layer around a handler would cost more than most handlers do.
 */
export type Handler<M> = (message: M) => Outcome | PromiseLike<Outcome>;

/** Behaviour around a handler: takes one, gives one. The plugin seam of everything that consumes. */
export type Middleware<M> = (next: Handler<M>) => Handler<M>;

/** The handler inside all `wrappers`; the first is the outermost. */
export const compose = <H>(wrappers: readonly ((next: H) => H)[], handler: H): H =>
  wrappers.reduceRight((inner, wrap) => wrap(inner), handler);

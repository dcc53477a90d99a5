import { DeadLetterHook, Middleware } from '@millrace/delivery';
import { PublishMiddleware } from '../publishing/publication.js';
import { EventMessage } from './event.message.js';

/** What a module adds to the handling and the publishing of every event. */
export interface EventsPlugin {
  /** Around every handler; the first given is the outermost. */
  middleware?: readonly Middleware<EventMessage>[];
  /** Around every publish; the first given is the outermost. */
  publishMiddleware?: readonly PublishMiddleware[];
  /** Told of each dead letter that this replica stores. */
  onDeadLetter?: readonly DeadLetterHook[];
}

/** The middlewares and hooks of all modules, in the order they were added. */
export class EventsPlugins {
  readonly middleware: Middleware<EventMessage>[] = [];
  readonly publishMiddleware: PublishMiddleware[] = [];
  readonly deadLetterHooks: DeadLetterHook[] = [];

  add({ middleware = [], publishMiddleware = [], onDeadLetter = [] }: EventsPlugin): void {
    this.middleware.push(...middleware);
    this.publishMiddleware.push(...publishMiddleware);
    this.deadLetterHooks.push(...onDeadLetter);
  }
}

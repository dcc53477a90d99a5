import { Logger, Module } from '@nestjs/common';
import { type EventMessage, EventsModule, type Middleware } from '@millrace/events';

/** A line, at the level `debug`, for every delivery of an event: which group handled what, and how it ended. */
const logHandled =
  (log: Logger): Middleware<EventMessage> =>
  (next) =>
  async (message) => {
    const startedAt = performance.now();
    const outcome = await next(message);
    const { group, type, source, attempt } = message;
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    log.debug('handled', { group, type, source, attempt, outcome: outcome.kind, ms });
    return outcome;
  };

/** Lets an app's log tell of the events that it handles. What fails is told by the framework itself. */
@Module({ imports: [EventsModule.forFeature({ middleware: [logHandled(new Logger('Event'))] })] })
export class EventLogModule {}

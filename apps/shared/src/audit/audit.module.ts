import { Module } from '@nestjs/common';
import { getConnectionToken, MillraceConnection, RightsRegistry } from '@millrace/core';
import { EventsModule } from '@millrace/events';
import { auditPlugin, auditRights } from './audit.plugin.js';

/**
 * The worked example of a plugin: a module that sees every event an app handles or publishes, and changes
 * nothing in the framework or in the app beyond being imported.
 *
 * `EventsModule.forFeatureAsync` is the seam. A middleware takes the next handler and gives a handler, so what
 * it does before, after, or instead of calling `next` is its own; the factory may inject whatever the
 * middleware needs, here the connection. Handlers' middlewares stand outside of the retry policy: they see
 * each delivery's outcome, `ack`, `retry` or `dead-letter`, and never an exception.
 *
 * For each handled event it publishes a `HandledRecord` on `audit.<app>.handled`, and for each event that
 * the bus published a `PublishedRecord` on `audit.<app>.published`: JSON on core NATS, so
 * `nats sub 'audit.>'` shows the system at work. The records hold no body. They are sent and forgotten: the
 * audit can neither fail nor delay a handler, and records are lost while NATS is away. An audit that must be
 * complete would publish events.
 */
@Module({
  imports: [
    EventsModule.forFeatureAsync({
      inject: [getConnectionToken(), RightsRegistry],
      useFactory: (connection: MillraceConnection, rights: RightsRegistry) => {
        rights.add(connection, { rights: () => auditRights(connection.name) });
        return auditPlugin(connection);
      },
    }),
  ],
})
export class AuditModule {}

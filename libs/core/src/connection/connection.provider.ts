import { FactoryProvider, Logger } from '@nestjs/common';
import { LifecycleCoordinator } from '../lifecycle/lifecycle.coordinator.js';
import { LifecyclePhase } from '../lifecycle/lifecycle.phase.js';
import { connectionRights } from '../rights/connection.rights.js';
import { RightsRegistry } from '../rights/rights.registry.js';
import { DEFAULT_CONNECTION, getConnectionToken } from './connection.token.js';
import { explored } from './exploration.js';
import { MillraceConnection, openConnection } from './nats.connection.js';
import { NatsModuleOptions } from './nats-options.js';

export const OPTIONS_TOKEN = Symbol.for('@millrace/core:nats-options');

/** Opens a connection while Nest resolves providers, so whoever injects it finds it ready. */
export const provideConnection = (connection: string): FactoryProvider<Promise<MillraceConnection>> => ({
  provide: getConnectionToken(connection),
  inject: [OPTIONS_TOKEN, LifecycleCoordinator, RightsRegistry],
  useFactory: async (options: NatsModuleOptions, lifecycle: LifecycleCoordinator, rights: RightsRegistry) => {
    const label = connection === DEFAULT_CONNECTION ? 'Nats' : `Nats:${connection}`;
    const opened = await openConnection(explored(options), new Logger(label));
    rights.add(opened, { rights: () => connectionRights(options) });
    lifecycle.register({
      name: `connection '${connection}'`,
      phase: LifecyclePhase.Connection,
      stop: () => opened.close(),
    });
    return opened;
  },
});

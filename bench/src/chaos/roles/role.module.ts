import { DynamicModule, Module, ModuleMetadata, Type } from '@nestjs/common';
import { NatsModule } from '@millrace/core';
import { EventsModule, exponential } from '@millrace/events';
import { StorageModule } from '@millrace/storage';
import { Journal } from '../record/journal.js';
import { LedgerAccount, OrderedAccount } from './account.bucket.js';
import { Publisher, PUBLISHER_SETTINGS } from './publisher.js';
import { RoleName, RoleSettings } from './role.settings.js';
import { BatchedSubscriber } from './subscribers/batched.subscriber.js';
import { FragileSubscriber } from './subscribers/fragile.subscriber.js';
import { LedgerSubscriber } from './subscribers/ledger.subscriber.js';
import { OnceSubscriber } from './subscribers/once.subscriber.js';
import { OrderedSubscriber } from './subscribers/ordered.subscriber.js';
import { PlainSubscriber } from './subscribers/plain.subscriber.js';

/** Short enough that a killed process's events come back within the run. */
const ACK_WAIT = '3s';
/** Enough for an outage and some crashes: only what is meant to fail should be put aside. */
const RETRY = { attempts: 8, backoff: exponential('200ms', '2s') };

interface RoleParts {
  readonly providers: readonly Type[];
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}

const PARTS: Readonly<Record<RoleName, RoleParts>> = {
  publisher: { providers: [Publisher] },
  worker: {
    providers: [PlainSubscriber, OnceSubscriber, BatchedSubscriber, LedgerSubscriber, OrderedSubscriber],
    imports: [StorageModule.forFeature([LedgerAccount, OrderedAccount])],
  },
  fragile: { providers: [FragileSubscriber] },
};

/** An application of the drill: one role, and what it needs. */
@Module({})
export class RoleModule {
  static of(settings: RoleSettings): DynamicModule {
    const { role, servers, replicas, journal } = settings;
    const kept = { replicas };
    const { providers, imports = [] } = PARTS[role];
    return {
      module: RoleModule,
      imports: [
        NatsModule.forRoot({ name: role, servers }),
        EventsModule.forRoot({
          contexts: { '*': kept },
          deadLetters: kept,
          inbox: kept,
          defaults: { ackWait: ACK_WAIT, retry: RETRY },
        }),
        StorageModule.forRoot({ contexts: { booked: kept } }),
        ...imports,
      ],
      providers: [
        { provide: Journal, useValue: new Journal(journal) },
        { provide: PUBLISHER_SETTINGS, useValue: settings },
        ...providers,
      ],
    };
  }
}

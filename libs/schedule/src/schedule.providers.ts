import { Provider } from '@nestjs/common';
import { configInvalid, getConnectionToken, MillraceConnection, withDefaultReplicas } from '@millrace/core';
import { LeaderService, LockService } from '@millrace/locks';
import { openSchedules, ScheduleEngine } from './schedule.engine.js';
import { SCHEDULE_OPTIONS } from './schedule.module-definition.js';
import { ScheduleModuleOptions } from './schedule.options.js';
import { Schedules } from './schedules.js';

export const SCHEDULE_ENGINE = Symbol.for('@millrace/schedule:engine');
export const SCHEDULE_LOCKS = Symbol.for('@millrace/schedule:locks');

/** What schedules need of `@millrace/locks`. */
export interface ScheduleLocks {
  readonly locks: LockService;
  readonly leaders: LeaderService;
}

const openEngine = (
  connection: MillraceConnection,
  { provision = 'create', replicas, storage, kept, contexts, publishes }: ScheduleModuleOptions,
): Promise<ScheduleEngine> =>
  openSchedules(connection, {
    mode: provision,
    ...(replicas === undefined ? {} : { replicas }),
    ...(storage === undefined ? {} : { storage }),
    ...(kept === undefined ? {} : { kept }),
    ...(publishes === undefined ? {} : { publishes }),
    contexts: withDefaultReplicas(contexts, replicas),
  });

const locksOf = (locks?: LockService, leaders?: LeaderService): ScheduleLocks => {
  if (locks && leaders) return { locks, leaders };
  throw configInvalid('ScheduleModule: it needs a LocksModule', 'Import LocksModule.forRoot() beside it');
};

/** Composes the engine: plain classes, put together by hand so that they know no Nest. */
export const scheduleProviders = (connection?: string): Provider[] => [
  {
    provide: SCHEDULE_ENGINE,
    inject: [getConnectionToken(connection), SCHEDULE_OPTIONS],
    useFactory: openEngine,
  },
  {
    provide: SCHEDULE_LOCKS,
    inject: [
      { token: LockService, optional: true },
      { token: LeaderService, optional: true },
    ],
    useFactory: locksOf,
  },
  { provide: Schedules, inject: [SCHEDULE_ENGINE], useFactory: ({ schedules }: ScheduleEngine) => schedules },
];

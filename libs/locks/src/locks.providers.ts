import { Provider } from '@nestjs/common';
import { configInvalid, getConnectionToken, MillraceConnection, toMillis } from '@millrace/core';
import { EventBus, Publications } from '@millrace/events';
import { LockAcquired, LockExpired, LockReleased } from './events/lock.events.js';
import { LockAnnouncer } from './events/lock.announcer.js';
import { ExpiryWatch } from './lease/expiry.watch.js';
import { leaseStreamDeclaration } from './lease/lease.stream.js';
import { leaseTiming } from './lease/lease.timing.js';
import { LockManager } from './lease/lock.manager.js';
import { LeaderService } from './leader/leader.service.js';
import { LOCK_DEFAULTS, LocksModuleOptions } from './lock.options.js';
import { LockService } from './lock.service.js';
import { LOCKS_OPTIONS } from './locks.module-definition.js';

const CONNECTION = Symbol.for('@millrace/locks:connection');
/** The seat of the process that tells of expiries. */
const EXPIRY_SEAT = 'millrace lock expiries';
const BUCKET = /^[A-Za-z0-9_-]+$/;

/** The engine of one application. */
export class LocksEngine {
  constructor(
    readonly manager: LockManager,
    readonly connection: MillraceConnection,
    readonly bucket: string,
    private readonly announcer: LockAnnouncer | undefined,
  ) {}

  /** A dead holder cannot tell that its lease has ended: one process of all does. */
  watchExpiries(leaders: LeaderService): void {
    const { announcer } = this;
    if (!announcer) return;
    leaders.add({
      name: EXPIRY_SEAT,
      lead: (signal) => {
        const watch = new ExpiryWatch(this.connection, this.bucket, (lock, ttlMs) =>
          announcer.expired(lock, ttlMs),
        );
        watch.start();
        signal.addEventListener('abort', () => watch.stop(), { once: true });
      },
    });
  }
}

const openEngine = async (
  connection: MillraceConnection,
  options: LocksModuleOptions,
  bus: EventBus | undefined,
  publications: Publications | undefined,
): Promise<LocksEngine> => {
  const { bucket = LOCK_DEFAULTS.bucket, provision = 'create', replicas, storage } = options;
  if (!BUCKET.test(bucket)) {
    throw configInvalid(`LocksModule: '${bucket}' is not a bucket name`, "Use letters, digits, '-' and '_'");
  }
  if (options.events === true && !bus) {
    throw configInvalid(
      'LocksModule: events need an EventsModule',
      'Import EventsModule.forRoot() beside it',
    );
  }
  if (options.defaults?.ttl !== undefined) leaseTiming(toMillis(options.defaults.ttl, 'defaults.ttl'));
  await connection.streams.ensure(leaseStreamDeclaration(bucket, { replicas, storage }), provision);
  const announcer = bus && options.events !== false ? new LockAnnouncer(bus, connection.log) : undefined;
  if (announcer) publications?.permit([LockAcquired, LockReleased, LockExpired]);
  return new LocksEngine(
    new LockManager(connection, { bucket, observer: announcer }),
    connection,
    bucket,
    announcer,
  );
};

/** Composes the engine: plain classes, put together by hand so that they know no Nest. */
export const locksProviders = (connection?: string): Provider[] => [
  { provide: CONNECTION, useExisting: getConnectionToken(connection) },
  {
    provide: LocksEngine,
    inject: [
      CONNECTION,
      LOCKS_OPTIONS,
      { token: EventBus, optional: true },
      { token: Publications, optional: true },
    ],
    useFactory: openEngine,
  },
  {
    provide: LockService,
    inject: [LocksEngine, LOCKS_OPTIONS],
    useFactory: ({ manager }: LocksEngine, { defaults }: LocksModuleOptions) =>
      new LockService(manager, defaults),
  },
  {
    provide: LeaderService,
    inject: [LockService, CONNECTION, LOCKS_OPTIONS],
    useFactory: (
      locks: LockService,
      { clock, log }: MillraceConnection,
      { leaderGrace = LOCK_DEFAULTS.leaderGrace }: LocksModuleOptions,
    ) => new LeaderService(locks, { clock, log, graceMs: toMillis(leaderGrace, 'leaderGrace') }),
  },
];

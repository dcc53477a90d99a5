import { Inject, Injectable, Logger, OnModuleInit } from '@nestjs/common';
import {
  configInvalid,
  eventContractOf,
  LifecycleCoordinator,
  LifecyclePhase,
  replicated,
  RightsRegistry,
  toMillis,
} from '@millrace/core';
import { bucketRights } from '@millrace/storage';
import { DeclaredRecord, DeclarationSync } from './declaration.sync.js';
import { DeclaredSchedule } from './declared.schedule.js';
import { resolveHandlerOptions } from './handling/handler.options.js';
import { OccurrenceSubscription } from './handling/occurrence.subscription.js';
import { SchedulePlan, scheduleRights } from './rights/schedule.rights.js';
import { defineTiming } from './schedule.definition.js';
import { type ScheduleEngine, TIMEKEEPER_SEAT } from './schedule.engine.js';
import { ScheduleExplorer } from './schedule.explorer.js';
import { SCHEDULE_OPTIONS } from './schedule.module-definition.js';
import { type ScheduleModuleOptions } from './schedule.options.js';
import { SCHEDULE_ENGINE, SCHEDULE_LOCKS, type ScheduleLocks } from './schedule.providers.js';

/** Declares what the explorer found, starts its handlers, stands for keeping time, and stops all of it. */
@Injectable()
export class ScheduleOrchestrator implements OnModuleInit {
  private readonly log = new Logger('Schedule');
  private declared: DeclaredSchedule[] = [];
  private subscriptions: OccurrenceSubscription[] = [];

  constructor(
    private readonly explorer: ScheduleExplorer,
    private readonly lifecycle: LifecycleCoordinator,
    private readonly rights: RightsRegistry,
    @Inject(SCHEDULE_ENGINE) private readonly engine: ScheduleEngine,
    @Inject(SCHEDULE_LOCKS) private readonly locking: ScheduleLocks,
    @Inject(SCHEDULE_OPTIONS) private readonly options: ScheduleModuleOptions,
  ) {}

  onModuleInit(): void {
    this.rights.add(this.engine.connection, {
      rights: () => [...bucketRights(this.engine.definition), ...scheduleRights(this.plan)],
    });
    this.lifecycle.register({
      name: 'schedule consumers',
      phase: LifecyclePhase.Provision,
      start: () => this.provision(),
      stop: () => this.engine.close(),
    });
    this.lifecycle.register({
      name: 'schedules',
      phase: LifecyclePhase.Consume,
      start: () => this.start(),
      stop: () => this.stop(),
    });
  }

  private get plan(): SchedulePlan {
    const emitted = this.declared.flatMap(({ work }) =>
      work.kind === 'event' ? [eventContractOf(work.target)] : [],
    );
    return {
      keepsTime: this.options.keepsTime !== false,
      handled: this.subscriptions.map(({ schedule, group }) => ({ schedule, group })),
      events: [...emitted, ...(this.engine.targets.declared ?? [])],
    };
  }

  private async provision(): Promise<void> {
    this.declared = this.explorer.explore(this.engine.connection.name);
    refuseSharedNames(this.declared);
    this.subscriptions = this.declared.flatMap((schedule) => this.subscribe(schedule));
    await Promise.all(this.subscriptions.map((subscription) => subscription.provision()));
    await this.engine.targets.provision();
    await this.declare();
  }

  private async declare(): Promise<void> {
    const { connection, bucket, mode } = this.engine;
    const records: DeclaredRecord[] = [];
    for (const schedule of this.declared) records.push(await this.recordOf(schedule));
    await new DeclarationSync({ connection, bucket, mode, version: this.options.version }).sync(records);
  }

  private start(): Promise<void> {
    for (const subscription of this.subscriptions) {
      subscription.start();
      this.log.log(`${subscription.group} handles occurrences of '${subscription.schedule}'`);
    }
    if (this.options.keepsTime !== false) this.standForKeepingTime();
    return Promise.resolve();
  }

  private standForKeepingTime(): void {
    const { leaderTtl } = this.options;
    this.locking.leaders.stand({
      name: TIMEKEEPER_SEAT,
      ...(leaderTtl === undefined ? {} : { ttl: leaderTtl }),
      lead: (signal) => this.engine.keepTime(signal),
    });
  }

  private async stop(): Promise<void> {
    await this.locking.leaders.withdraw(TIMEKEEPER_SEAT);
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
  }

  private async recordOf({ name, spec, timing, work }: DeclaredSchedule): Promise<DeclaredRecord> {
    const target =
      work.kind === 'event'
        ? await this.engine.targets.declaredTargetOf(work.event, work.target)
        : ({ kind: 'handler' } as const);
    return { name, target, ...defineTiming(spec, timing) };
  }

  private subscribe({ name, work }: DeclaredSchedule): OccurrenceSubscription[] {
    if (work.kind === 'event') return [];
    const { defaults = {}, replicas, deadLetters, shutdownTimeout = '10s' } = this.options;
    const { connection, mode, ensureStream } = this.engine;
    return [
      new OccurrenceSubscription({
        connection,
        schedule: name,
        options: resolveHandlerOptions(work.options, defaults, work.defaultGroup),
        handler: work.handler,
        locks: this.locking.locks,
        mode,
        deadLetters: { ...replicated(replicas), ...deadLetters },
        ensureStream,
        shutdownTimeoutMs: toMillis(shutdownTimeout, 'shutdownTimeout'),
      }),
    ];
  }
}

const refuseSharedNames = (declared: readonly DeclaredSchedule[]): void => {
  const labels = new Map<string, string>();
  for (const { name, label } of declared) {
    const other = labels.get(name);
    if (other !== undefined) {
      throw configInvalid(`${other} and ${label} both declare the schedule '${name}'`, 'Rename one of them');
    }
    labels.set(name, label);
  }
};

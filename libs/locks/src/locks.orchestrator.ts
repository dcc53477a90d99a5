import { Injectable, OnModuleInit } from '@nestjs/common';
import { LifecycleCoordinator, LifecyclePhase, RightsRegistry } from '@millrace/core';
import { bindLocks } from './decorators/with-lock.decorator.js';
import { LeaderService } from './leader/leader.service.js';
import { LockService } from './lock.service.js';
import { lockRights } from './lease/lease.rights.js';
import { LocksExplorer } from './locks.explorer.js';
import { LocksEngine } from './locks.providers.js';

/** Gives decorated providers their locks and their seats, and gives all of it back at shutdown. */
@Injectable()
export class LocksOrchestrator implements OnModuleInit {
  constructor(
    private readonly explorer: LocksExplorer,
    private readonly locks: LockService,
    private readonly leaders: LeaderService,
    private readonly engine: LocksEngine,
    private readonly lifecycle: LifecycleCoordinator,
    private readonly rights: RightsRegistry,
  ) {}

  onModuleInit(): void {
    this.rights.add(this.engine.connection, { rights: () => lockRights(this.engine.bucket) });
    for (const instance of this.explorer.lockedInstances()) {
      bindLocks(instance, ({ name, options }, body) => this.locks.withLock(name, options, body));
    }
    for (const { name, options, instance } of this.explorer.leaders()) {
      this.leaders.add({
        name,
        ttl: options.ttl,
        lead: (signal, lock) => instance.onElected(signal, lock),
      });
    }
    this.engine.watchExpiries(this.leaders);
    this.lifecycle.register({
      name: 'locks',
      phase: LifecyclePhase.Leases,
      start: () => Promise.resolve(this.leaders.start()),
      stop: () => this.stop(),
    });
  }

  private async stop(): Promise<void> {
    await this.leaders.stop();
    await this.engine.manager.close();
  }
}

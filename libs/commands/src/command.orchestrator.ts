import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { LifecycleCoordinator, LifecyclePhase, RightsRegistry } from '@millrace/core';
import { Sendings } from './calling/sendings.js';
import { dispatchingRights, sendingRights } from './rights/command.rights.js';
import { CommandClient } from './calling/command.client.js';
import { CommandExplorer } from './command.explorer.js';
import { CommandServer } from './serving/command.server.js';
import { CommandState } from './state/command.state.js';
import { TaskDispatcher } from './tasks/task.dispatcher.js';
import { TaskWorkers } from './tasks/task.workers.js';

/** Starts what the explorer found, and stops it. */
@Injectable()
export class CommandOrchestrator implements OnModuleInit {
  private readonly log = new Logger('Commands');

  constructor(
    private readonly explorer: CommandExplorer,
    private readonly server: CommandServer,
    private readonly workers: TaskWorkers,
    private readonly dispatcher: TaskDispatcher,
    private readonly state: CommandState,
    private readonly client: CommandClient,
    private readonly lifecycle: LifecycleCoordinator,
    private readonly rights: RightsRegistry,
    private readonly sendings: Sendings,
  ) {}

  onModuleInit(): void {
    this.rights.add(this.workers.connection, {
      rights: () => [
        ...this.server.rights(),
        ...this.workers.rights(),
        ...this.sendings.all('sends').flatMap(sendingRights),
        ...dispatchingRights(this.sendings.all('dispatches')),
      ],
      answers: () => this.server.list().length > 0,
    });
    this.lifecycle.register({
      name: 'command streams',
      phase: LifecyclePhase.Provision,
      start: () => this.provision(),
    });
    this.lifecycle.register({
      name: 'command handlers',
      phase: LifecyclePhase.Consume,
      start: () => this.start(),
      stop: () => this.stop(),
    });
    // After the handlers: they may still send commands while they finish.
    this.lifecycle.register({
      name: 'command client',
      phase: LifecyclePhase.Provision,
      stop: () => Promise.resolve(this.client.close()),
    });
  }

  private async provision(): Promise<void> {
    for (const definition of this.explorer.explore()) {
      this.server.add(definition);
      this.workers.add(definition);
    }
    await Promise.all([
      this.workers.provision(),
      this.dispatcher.provision(),
      // Otherwise made for the first call with an idempotency key.
      ...(this.lifecycle.onlyProvisions && this.server.list().length > 0 ? [this.state.ensure()] : []),
    ]);
  }

  private async start(): Promise<void> {
    this.workers.start();
    await this.server.start();
    for (const { type } of this.server.list()) this.log.log(`handles ${type}`);
    for (const type of this.workers.list()) this.log.log(`takes tasks of ${type}`);
  }

  private async stop(): Promise<void> {
    await Promise.all([this.server.stop(), this.workers.stop()]);
  }
}

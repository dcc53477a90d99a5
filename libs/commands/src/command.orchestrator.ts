import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { LifecycleCoordinator, LifecyclePhase } from '@millrace/core';
import { CommandClient } from './calling/command.client.js';
import { CommandExplorer } from './command.explorer.js';
import { CommandServer } from './serving/command.server.js';

/** Starts what the explorer found, and stops it. */
@Injectable()
export class CommandOrchestrator implements OnModuleInit {
  private readonly log = new Logger('Commands');

  constructor(
    private readonly explorer: CommandExplorer,
    private readonly server: CommandServer,
    private readonly client: CommandClient,
    private readonly lifecycle: LifecycleCoordinator,
  ) {}

  onModuleInit(): void {
    this.lifecycle.register({
      name: 'command handlers',
      phase: LifecyclePhase.Consume,
      start: () => this.start(),
      stop: () => this.server.stop(),
    });
    // After the handlers: they may still send commands while they finish.
    this.lifecycle.register({
      name: 'command client',
      phase: LifecyclePhase.Provision,
      stop: () => Promise.resolve(this.client.close()),
    });
  }

  private async start(): Promise<void> {
    for (const definition of this.explorer.explore()) this.server.add(definition);
    await this.server.start();
    for (const { type } of this.server.list()) this.log.log(`handles ${type}`);
  }
}

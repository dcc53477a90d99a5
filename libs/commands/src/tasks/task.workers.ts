import { Subscription } from '@nats-io/transport-node';
import { MillraceConnection, Right } from '@millrace/core';
import { deadLetterStream, DeadLetterSettings } from '@millrace/delivery';
import { HandlerDefaults, resolveHandlerOptions } from '../handler.options.js';
import { CommandInvoker } from '../handling/command.invoker.js';
import { HandlerDefinition } from '../handling/handler.definition.js';
import { workerRights } from '../rights/command.rights.js';
import { cancelled } from '../wire/command.errors.js';
import { cancelledId, cancelSubject } from './task.cancels.js';
import { TaskPorts } from './task.handle.js';
import { TaskWorker } from './task.worker.js';

export interface TaskWorkersParts extends TaskPorts {
  defaults: HandlerDefaults;
  deadLetters: DeadLetterSettings;
  shutdownTimeoutMs: number;
}

/** Every command whose tasks this replica takes. */
export class TaskWorkers {
  private readonly workers = new Map<string, TaskWorker>();
  private subscription: Subscription | undefined;

  constructor(private readonly own: TaskWorkersParts) {}

  get connection(): MillraceConnection {
    return this.own.connection;
  }

  /** Takes a handler in, where it is durable; nothing is asked of the server yet. */
  add({ contract, options, handler }: HandlerDefinition): void {
    const { durable } = resolveHandlerOptions(options, this.own.defaults);
    if (!durable) return;
    const { connection } = this.own;
    const invoker = new CommandInvoker(contract, handler, connection.codec);
    const restoreDeadLetters = (): Promise<void> => this.restoreDeadLetters();
    this.workers.set(
      contract.type,
      new TaskWorker({ ...this.own, invoker, options: durable, restoreDeadLetters }),
    );
  }

  /** The commands whose tasks are taken. */
  list(): string[] {
    return [...this.workers.keys()];
  }

  /** What it needs. */
  rights(): Right[] {
    return workerRights([...this.workers.values()].flatMap((worker) => worker.consumers));
  }

  /** Makes streams and consumers. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    if (this.workers.size === 0) return;
    const { connection, deadLetters, queue, records } = this.own;
    await Promise.all([
      connection.streams.ensureOnce(deadLetterStream(deadLetters), queue.mode),
      records.ensure(),
      ...[...this.workers.values()].map((worker) => worker.provision()),
    ]);
  }

  /** Begins to take tasks; what it subscribes to is on its way to the server. */
  start(): void {
    if (this.workers.size === 0) return;
    const { connection } = this.own;
    this.subscription = connection.nc.subscribe(cancelSubject('*'), {
      callback: (error, message) => {
        if (!error) this.cancel(cancelledId(message.subject));
      },
    });
    for (const worker of this.workers.values()) worker.start();
  }

  async stop(): Promise<void> {
    const { connection, shutdownTimeoutMs } = this.own;
    await Promise.all([...this.workers.values()].map((worker) => worker.stop(shutdownTimeoutMs)));
    if (!connection.nc.isClosed()) this.subscription?.unsubscribe();
  }

  private cancel(id: string): void {
    for (const [type, worker] of this.workers) worker.cancel(id, cancelled(type));
  }

  private async restoreDeadLetters(): Promise<void> {
    const { connection, deadLetters, queue } = this.own;
    await connection.streams.ensure(deadLetterStream(deadLetters), queue.mode);
  }
}

/** Tells every worker that a task is wanted no more. Where one does not hear it, its result is not stored. */
export const announceCancel = ({ nc }: MillraceConnection, id: string): void => nc.publish(cancelSubject(id));

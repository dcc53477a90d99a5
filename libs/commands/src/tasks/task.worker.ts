import { MillraceConnection } from '@millrace/core';
import {
  ACK,
  compose,
  ConsumerLoop,
  DeadLetterWriter,
  Handler,
  logging,
  ManagedConsumer,
  Outcome,
  resolveConsumerOptions,
  ResolvedConsumerOptions,
  retry,
  timeout,
} from '@millrace/delivery';
import { CommandInvoker, isAsyncIterable } from '../handling/command.invoker.js';
import { CommandContract } from '../contracts/command.decorator.js';
import { DurableOptions } from '../handler.options.js';
import { streams } from '../wire/command.errors.js';
import { HttpExceptions } from '../wire/wire.error.js';
import { PriorityPlaces } from './priority.places.js';
import { read } from './read.middleware.js';
import { settle } from './settle.middleware.js';
import { TaskContext } from './task.context.js';
import { TaskMessage } from './task.message.js';
import { Priority, PRIORITIES, TASK_STREAM, taskDeadSubject, TaskQueue, taskSubject } from './task.queue.js';
import { TaskRecords } from './task.records.js';

export interface TaskWorkerParts {
  connection: MillraceConnection;
  invoker: CommandInvoker;
  queue: TaskQueue;
  records: TaskRecords;
  http: HttpExceptions;
  options: DurableOptions;
  /** How long results are kept, where a task does not say. */
  keepMs: number;
  restoreDeadLetters: () => Promise<void>;
}

/** Every application that handles a command shares its tasks: its consumers belong to none of them. */
const SHARED = 'millrace-commands';

/** One of a command's consumers. */
export interface TaskConsumer {
  readonly contract: CommandContract;
  readonly consumer: string;
  readonly group: string;
}

interface Lane {
  consumer: ManagedConsumer;
  loop: ConsumerLoop<TaskMessage>;
}

/** Takes one command's tasks from the work queue: a consumer for each priority, which share the places. */
export class TaskWorker {
  private readonly options: ResolvedConsumerOptions;
  private readonly lanes: readonly Lane[];
  private readonly inHand = new Map<string, TaskMessage>();

  constructor(private readonly own: TaskWorkerParts) {
    const { context, command } = own.invoker.contract.name;
    this.options = resolveConsumerOptions(own.options, {}, `${context}-${command}`);
    const places = new PriorityPlaces(this.options.concurrency);
    this.lanes = PRIORITIES.map((priority) => this.lane(priority, places));
  }

  get consumers(): TaskConsumer[] {
    const { contract } = this.own.invoker;
    return this.lanes.map(({ consumer }) => ({
      contract,
      consumer: consumer.name,
      group: this.options.group,
    }));
  }

  /** @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    await this.own.queue.ensure();
    await Promise.all(this.lanes.map(({ consumer }) => consumer.ensure()));
  }

  start(): void {
    for (const { loop } of this.lanes) loop.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.lanes.map(({ loop }) => loop.stop(timeoutMs)));
    for (const { consumer } of this.lanes) consumer.stop();
  }

  /** Stops the handler of a task that is wanted no more. */
  cancel(id: string, reason: Error): void {
    this.inHand.get(id)?.cancel(reason);
  }

  private lane(priority: Priority, places: PriorityPlaces): Lane {
    const { connection, invoker, queue, restoreDeadLetters } = this.own;
    const { group, concurrency, ackWaitMs, maxAckPending, policy } = this.options;
    const consumer = new ManagedConsumer({
      connection,
      mode: queue.mode,
      declaration: {
        stream: TASK_STREAM,
        name: `${group}-${priority}`,
        group,
        app: SHARED,
        filter: taskSubject(invoker.contract.name, priority, '*'),
        from: 'beginning',
        ackWaitMs,
        maxAckPending,
      },
      ensureStream: () => queue.restore(),
    });
    const loop = new ConsumerLoop<TaskMessage>({
      connection,
      stream: TASK_STREAM,
      consumer: () => consumer.name,
      restore: () => consumer.restore(),
      concurrency,
      ackWaitMs,
      create: (message, lease) => new TaskMessage(message, group, lease),
      handler: this.pipeline(),
      policy,
      deadLetters: new DeadLetterWriter(connection, deadSubject, restoreDeadLetters),
      gate: places.gate(priority),
    });
    return { consumer, loop };
  }

  /** Everything around a handler, outermost first. Retry and inward count as the attempt. */
  private pipeline(): Handler<TaskMessage> {
    const { connection, invoker, records, http, keepMs } = this.own;
    const { policy, timeoutMs } = this.options;
    return compose<Handler<TaskMessage>>(
      [
        logging(connection.log),
        settle({ type: invoker.contract.type, records, http, keepMs }),
        retry(policy),
        read(invoker),
        ...(timeoutMs === undefined ? [] : [timeout<TaskMessage>(timeoutMs, connection.clock)]),
      ],
      (message) => this.handle(message),
    );
  }

  private async handle(message: TaskMessage): Promise<Outcome> {
    const { connection, invoker, records, keepMs } = this.own;
    const { type } = invoker.contract;
    const context = new TaskContext(message, {
      type,
      clock: connection.clock,
      timeoutMs: this.options.timeoutMs,
      report: (progress) => records.report(message.id, progress, message.keepMs ?? keepMs),
      log: connection.log,
    });
    this.inHand.set(message.id, message);
    try {
      const reply = await invoker.handle(message.command, context);
      if (isAsyncIterable(reply)) throw streams(type);
      message.reply = await invoker.encode(reply);
      return ACK;
    } finally {
      this.inHand.delete(message.id);
      await context.finish();
    }
  }
}

const deadSubject = ({ group, id, subject }: TaskMessage): string => {
  const [, context = '', command = ''] = subject.split('.');
  return taskDeadSubject({ context, command }, group, id);
};

import { CommandClient } from './calling/command.client.js';
import { ExecuteOptions, ScatterOptions, StreamOptions } from './calling/call.options.js';
import { ScatterAnswer } from './calling/gathering.call.js';
import { ClassOf } from '@millrace/core';
import { ReplyOf } from './contracts/command.decorator.js';
import { DispatchOptions } from './tasks/dispatch.options.js';
import { TaskDispatcher } from './tasks/task.dispatcher.js';
import { TaskHandle } from './tasks/task.handle.js';

export interface CommandBusParts {
  client: CommandClient;
  dispatcher: TaskDispatcher;
}

/** Sends commands. Inject it by its class. */
export class CommandBus {
  constructor(private readonly own: CommandBusParts) {}

  /**
   * Sends a command, an instance of its class, to one of the replicas that handle it, and resolves to its reply.
   *
   * While NATS is unreachable it waits, until its time is up. Within a handler it has no more time than that has.
   * @throws ContractViolationError `COMMAND_INVALID` before anything is sent, `REPLY_INVALID`.
   * @throws MillraceError `COMMAND_NO_HANDLER` at once, `COMMAND_OVERLOADED`, `COMMAND_TIMEOUT`,
   * `COMMAND_CANCELLED`, `COMMAND_FAILED`, or whatever `MillraceError` the handler threw.
   * @throws HttpException that the handler threw, with its status and response.
   */
  execute<C extends object>(command: C, options?: ExecuteOptions): Promise<ReplyOf<C>> {
    return this.own.client.execute(command, options) as Promise<ReplyOf<C>>;
  }

  /**
   * Asks for a streaming reply. Leaving the loop, or the signal, stops the handler; it waits where its caller does
   * not keep up. Nothing is sent before the first item is asked for.
   * @throws what `execute` does, and `COMMAND_STREAM_LOST` where the other end falls silent or items are missing.
   */
  stream<C extends object>(command: C, options?: StreamOptions): AsyncGenerator<ReplyOf<C>, void, undefined> {
    return this.own.client.stream(command, options) as AsyncGenerator<ReplyOf<C>, void, undefined>;
  }

  /**
   * Sends a command to every replica that handles it, and gathers what they answer until the time is up, or `max`
   * have answered. Empty where replicas handle it, and none answered in time.
   * @throws MillraceError `COMMAND_NO_HANDLER`, `COMMAND_CANCELLED`.
   */
  scatter<C extends object>(command: C, options?: ScatterOptions): Promise<ScatterAnswer<ReplyOf<C>>[]> {
    return this.own.client.scatter(command, options) as Promise<ScatterAnswer<ReplyOf<C>>[]>;
  }

  /**
   * Stores a command in the work queue, for whichever replica comes to it first: a `durable` handler handles it at
   * least once, and has one result. Resolves when it is stored.
   * @throws ContractViolationError `COMMAND_INVALID`; PublishError where it could not be stored.
   */
  dispatch<C extends object>(command: C, options?: DispatchOptions): Promise<TaskHandle<ReplyOf<C>>> {
    return this.own.dispatcher.dispatch(command, options) as Promise<TaskHandle<ReplyOf<C>>>;
  }

  /** A task that was dispatched, by this process or another. With its command's class the reply is held to it. */
  handle<C extends object>(id: string, target: ClassOf<C>): TaskHandle<ReplyOf<C>>;
  handle(id: string): TaskHandle;
  handle(id: string, target?: ClassOf<object>): TaskHandle {
    return this.own.dispatcher.handle(id, target);
  }
}

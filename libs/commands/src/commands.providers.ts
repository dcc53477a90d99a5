import { Provider } from '@nestjs/common';
import { getConnectionToken, MillraceConnection, replicated, toMillis } from '@millrace/core';
import { AnswerStore } from './answers/answer.store.js';
import { CommandClient } from './calling/command.client.js';
import { Sendings } from './calling/sendings.js';
import { CommandBus } from './command.bus.js';
import { COMMANDS_OPTIONS } from './commands.module-definition.js';
import { COMMANDS_DEFAULTS, CommandsModuleOptions } from './commands.options.js';
import { nestHttpExceptions } from './http.exceptions.js';
import { CommandServer } from './serving/command.server.js';
import { CommandState, StateSettings } from './state/command.state.js';
import { TaskDispatcher } from './tasks/task.dispatcher.js';
import { TaskPorts } from './tasks/task.handle.js';
import { TaskQueue } from './tasks/task.queue.js';
import { TaskRecords } from './tasks/task.records.js';
import { announceCancel, TaskWorkers } from './tasks/task.workers.js';

const CONNECTION = Symbol.for('@millrace/commands:connection');
const TASK_PORTS = Symbol.for('@millrace/commands:task-ports');

const shutdownTimeoutOf = ({ shutdownTimeout }: CommandsModuleOptions): number =>
  toMillis(shutdownTimeout ?? COMMANDS_DEFAULTS.shutdownTimeout, 'shutdownTimeout');

const storageOf = ({ replicas, storage }: CommandsModuleOptions): StateSettings => ({
  ...replicated(replicas),
  ...storage,
});

/** Composes the engine: plain classes, put together by hand so that they know no Nest. */
export const commandsProviders = (connection?: string): Provider[] => [
  { provide: CONNECTION, useExisting: getConnectionToken(connection) },
  {
    provide: CommandClient,
    inject: [CONNECTION, Sendings],
    useFactory: (connected: MillraceConnection, sendings: Sendings) =>
      new CommandClient(connected, nestHttpExceptions, sendings),
  },
  {
    provide: Sendings,
    inject: [COMMANDS_OPTIONS],
    useFactory: (options: CommandsModuleOptions) => {
      const sendings = new Sendings();
      sendings.declare(options);
      return sendings;
    },
  },
  {
    provide: CommandState,
    inject: [CONNECTION, COMMANDS_OPTIONS],
    useFactory: (connected: MillraceConnection, options: CommandsModuleOptions) =>
      new CommandState(connected, { mode: options.provision ?? 'create', settings: storageOf(options) }),
  },
  {
    provide: CommandServer,
    inject: [CONNECTION, COMMANDS_OPTIONS, CommandState],
    useFactory: (connected: MillraceConnection, options: CommandsModuleOptions, state: CommandState) =>
      new CommandServer({
        connection: connected,
        http: nestHttpExceptions,
        answers: new AnswerStore(state, {
          clock: connected.clock,
          keepMs: toMillis(options.keepAnswers ?? COMMANDS_DEFAULTS.keepAnswers, 'keepAnswers'),
        }),
        defaults: options.defaults ?? {},
        service: {
          version: options.service?.version ?? COMMANDS_DEFAULTS.version,
          description: options.service?.description ?? '',
        },
        shutdownTimeoutMs: shutdownTimeoutOf(options),
      }),
  },
  {
    provide: TASK_PORTS,
    inject: [CONNECTION, COMMANDS_OPTIONS, CommandState],
    useFactory: (
      connected: MillraceConnection,
      options: CommandsModuleOptions,
      state: CommandState,
    ): TaskPorts => ({
      connection: connected,
      queue: new TaskQueue(connected, { mode: options.provision ?? 'create', settings: storageOf(options) }),
      records: new TaskRecords(state, connected.codec),
      http: nestHttpExceptions,
      announceCancel: (id) => announceCancel(connected, id),
      keepMs: toMillis(options.keepResults ?? COMMANDS_DEFAULTS.keepResults, 'keepResults'),
    }),
  },
  {
    provide: TaskWorkers,
    inject: [TASK_PORTS, COMMANDS_OPTIONS],
    useFactory: (ports: TaskPorts, options: CommandsModuleOptions) =>
      new TaskWorkers({
        ...ports,
        defaults: options.defaults ?? {},
        deadLetters: { ...replicated(options.replicas), ...options.deadLetters },
        shutdownTimeoutMs: shutdownTimeoutOf(options),
      }),
  },
  {
    provide: TaskDispatcher,
    inject: [TASK_PORTS, Sendings],
    useFactory: (ports: TaskPorts, sendings: Sendings) => new TaskDispatcher(ports, sendings),
  },
  {
    provide: CommandBus,
    inject: [CommandClient, TaskDispatcher],
    useFactory: (client: CommandClient, dispatcher: TaskDispatcher) => new CommandBus({ client, dispatcher }),
  },
];

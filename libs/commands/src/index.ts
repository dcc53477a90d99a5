export { Encrypted, PermanentError } from '@millrace/core';
export { constant, exponential, linear, type RetryOptions } from '@millrace/delivery';
export {
  Command,
  commandContractOf,
  Replying,
  type CommandContract,
  type CommandOptions,
  type ReplyOf,
} from './contracts/command.decorator.js';
export { type CommandName, type CommandSubjects } from './contracts/command.subject.js';
export { Context } from './decorators/handler-params.js';
export { HandleCommand } from './decorators/handle-command.decorator.js';
export { Sendings, type CommandDeclarations } from './calling/sendings.js';
export { CommandBus } from './command.bus.js';
export { CommandsModule } from './commands.module.js';
export { type CommandsModuleExtras } from './commands.module-definition.js';
export { type CommandsModuleOptions } from './commands.options.js';
export { type DurableOptions, type HandlerDefaults, type HandlerOptions } from './handler.options.js';
export { CommandContext } from './handling/command.context.js';
export { commandInHand, currentCommand } from './handling/current-command.js';
export { type ExecuteOptions, type ScatterOptions, type StreamOptions } from './calling/call.options.js';
export { type DispatchOptions } from './tasks/dispatch.options.js';
export { TaskHandle } from './tasks/task.handle.js';
export { type Priority } from './tasks/task.queue.js';
export { type TaskProgress } from './tasks/task.records.js';
export { type ScatterAnswer } from './calling/gathering.call.js';

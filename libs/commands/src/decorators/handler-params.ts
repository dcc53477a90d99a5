import { handlerParams } from '@millrace/core';

/** The parameters of command handlers: `(command, context)`. */
export const commandParams = handlerParams('@millrace/commands:params');

/** Gives a handler's parameter the `CommandContext`: headers, attempt, signal, remaining time, progress. */
export const Context = (): ParameterDecorator => commandParams.context();

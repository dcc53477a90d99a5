import { AsyncLocalStorage } from 'node:async_hooks';
import { HeaderName, withTrace } from '@millrace/core';
import { CommandContext } from './command.context.js';

const storage = new AsyncLocalStorage<CommandContext>();

/** The command that the running code is handling; `undefined` outside of a handler. */
export const currentCommand = (): CommandContext | undefined => storage.getStore();

/**
 * Runs `task` as the handling of a command: what it executes has no more time than it has itself, and what it
 * sends continues the command's trace.
 */
export const withCurrentCommand = <T>(context: CommandContext, task: () => T): T =>
  storage.run(context, () => withTrace(() => context.headers[HeaderName.TraceParent], task));

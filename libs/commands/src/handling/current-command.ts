import { AsyncLocalStorage } from 'node:async_hooks';
import { HeaderName, withTrace } from '@millrace/core';
import { CommandContext } from './command.context.js';

interface InHand {
  readonly command: object;
  readonly context: CommandContext;
}

const storage = new AsyncLocalStorage<InHand>();

/** The context of the command that the running code is handling; `undefined` outside of a handler. */
export const currentCommand = (): CommandContext | undefined => storage.getStore()?.context;

/** The command itself that the running code is handling; `undefined` outside of a handler. */
export const commandInHand = (): object | undefined => storage.getStore()?.command;

/**
 * Runs `task` as the handling of a command: what it executes has no more time than it has itself, and what it
 * sends continues the command's trace.
 */
export const withCurrentCommand = <T>(inHand: InHand, task: () => T): T =>
  storage.run(inHand, () => withTrace(() => inHand.context.headers[HeaderName.TraceParent], task));

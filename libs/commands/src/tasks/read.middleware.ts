import { Outcome, Middleware } from '@millrace/delivery';
import { toError } from '@millrace/core';
import { CommandInvoker } from '../handling/command.invoker.js';
import { TaskMessage } from './task.message.js';

/** Decodes and validates. What cannot be read, or breaks its contract, is not tried again: no retry makes it right. */
export const read =
  (invoker: CommandInvoker): Middleware<TaskMessage> =>
  (next) =>
  async (message) => {
    try {
      message.command = await invoker.read(message.body);
    } catch (error) {
      return { kind: 'dead-letter', cause: toError(error) } satisfies Outcome;
    }
    return next(message);
  };

import { Codec } from '@millrace/core';
import { decodeCommand, encodeReply, validateCommand, validateReply } from '../contracts/command.codec.js';
import { CommandContract } from '../contracts/command.decorator.js';
import { CommandContext } from './command.context.js';
import { withCurrentCommand } from './current-command.js';

/** What runs for each command. What it returns is the reply; an async iterable is a streaming one. */
export type CommandHandler = (command: object, context: CommandContext) => unknown;

/** Everything between a command's body and its reply's, however it came. */
export class CommandInvoker {
  constructor(
    readonly contract: CommandContract,
    private readonly handler: CommandHandler,
    private readonly codec: Codec,
  ) {}

  /** Decodes, validates and handles. @throws what the handler throws, and what `read` does. */
  invoke(body: Uint8Array, context: CommandContext): unknown {
    const command = this.read(body);
    return command instanceof Promise
      ? command.then((valid) => this.handle(valid, context))
      : this.handle(command, context);
  }

  /** Decodes and validates. @throws MillraceError `COMMAND_UNREADABLE`, ContractViolationError `COMMAND_INVALID` */
  read(body: Uint8Array): object | Promise<object> {
    return validateCommand(this.contract, decodeCommand(this.contract, body, this.codec));
  }

  handle(command: object, context: CommandContext): unknown {
    return withCurrentCommand({ command, context }, () => this.handler(command, context));
  }

  /** The body of a reply. @throws ContractViolationError `REPLY_INVALID` */
  encode(reply: unknown): Uint8Array | Promise<Uint8Array> {
    const checked = reply === undefined && !this.contract.reply ? reply : validateReply(this.contract, reply);
    return checked instanceof Promise
      ? checked.then((valid) => encodeReply(this.contract, valid, this.codec))
      : encodeReply(this.contract, checked, this.codec);
  }
}

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

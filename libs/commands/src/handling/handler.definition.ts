import { CommandContract } from '../contracts/command.decorator.js';
import { HandlerOptions } from '../handler.options.js';
import { CommandHandler } from './command.invoker.js';

/** A handler as plain data: what an explorer finds. */
export interface HandlerDefinition {
  contract: CommandContract;
  options: HandlerOptions;
  /** As shown in errors: `Registration.register`. */
  label: string;
  handler: CommandHandler;
}

import 'reflect-metadata';
import { ClassOf, Duration, ErrorCode, MillraceError, toMillis } from '@millrace/core';
import { CommandName, CommandSubjects, commandSubjects, parseCommandName } from './command.subject.js';

const COMMAND = Symbol.for('@millrace/commands:command');
const DEFAULT_TIMEOUT: Duration = '5s';

declare const REPLY: unique symbol;

/**
 * For a command class to say in its type what answers it: `class RegisterUser extends Replying<UserRegistered>`.
 * It adds nothing at run time.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- there to be inferred by ReplyOf
export abstract class Replying<R> {
  declare readonly [REPLY]?: R;
}

/** The reply's type of a command class that extends {@link Replying}; `unknown` for any other. */
export type ReplyOf<C> = C extends Replying<infer R> ? R : unknown;

/** Refuses a class that says in its type that it is answered by something else than the option `reply`. */
type Agreeing<C, R> = unknown extends R ? unknown : R extends ReplyOf<C> ? unknown : never;

export interface CommandOptions<R> {
  /** A class-validator class that every reply is held to, on both sides. Default: any reply, unchecked. */
  reply?: ClassOf<R & object>;
  /** How long a caller waits for an answer that does not say otherwise. Default 5 s. */
  timeout?: Duration;
}

/** What `@Command` recorded. */
export interface CommandContract {
  readonly type: string;
  readonly name: CommandName;
  readonly subjects: CommandSubjects;
  readonly target: ClassOf<object>;
  readonly reply: ClassOf<object> | undefined;
  readonly timeoutMs: number;
}

/**
 * Declares a class-validator class as a command contract.
 *
 * @param type `<context>.<command>`, as in `user.register`: the subject is `commands.user.register`.
 * @throws `CONFIG_INVALID` for a malformed name, `DURATION_INVALID`.
 */
export const Command =
  <R = unknown>(type: string, options: CommandOptions<R> = {}) =>
  <C extends object>(target: ClassOf<C> & Agreeing<C, R>): void => {
    const name = parseCommandName(type);
    const contract: CommandContract = {
      type,
      name,
      subjects: commandSubjects(name),
      target,
      reply: options.reply,
      timeoutMs: toMillis(options.timeout ?? DEFAULT_TIMEOUT, `@Command('${type}') timeout`),
    };
    Reflect.defineMetadata(COMMAND, contract, target);
  };

/** @throws `CONTRACT_UNKNOWN` for a class without `@Command`. */
export const commandContractOf = (target: ClassOf<object>): CommandContract => {
  const contract = Reflect.getOwnMetadata(COMMAND, target) as CommandContract | undefined;
  if (contract) return contract;
  throw new MillraceError(ErrorCode.ContractUnknown, `${target.name || 'This class'} is not a command`, {
    remedy: "Decorate the class with @Command('<context>.<command>')",
    details: { class: target.name },
  });
};

/** The contract of a command, an instance of its class. @throws `CONTRACT_UNKNOWN` */
export const contractOfCommand = (command: object): CommandContract =>
  commandContractOf(command.constructor as ClassOf<object>);

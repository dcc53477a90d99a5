import { configInvalid } from '@millrace/core';

/** `commands.<context>.<command>`: where requests travel. */
const COMMANDS_ROOT = 'commands';
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

export interface CommandName {
  context: string;
  command: string;
}

/** The two halves of `'user.register'`. @throws `CONFIG_INVALID` for any other form. */
export const parseCommandName = (type: string): CommandName => {
  const [context, command, ...rest] = type.split('.');
  if (context && command && rest.length === 0 && NAME.test(context) && NAME.test(command)) {
    return { context, command };
  }
  throw configInvalid(
    `'${type}' is not a command name`,
    "Use '<context>.<command>' in letters, digits, '-' and '_', as in 'user.register'",
  );
};

/** The subjects of one command. */
export interface CommandSubjects {
  /** One replica takes each request. */
  readonly one: string;
  /** Every replica takes each request. */
  readonly all: string;
  /** Every replica hears of cancellations and credits. */
  readonly control: string;
  /** What a replica listens to beside {@link one}. */
  readonly everyReplica: string;
}

export const commandSubjects = ({ context, command }: CommandName): CommandSubjects => {
  const one = `${COMMANDS_ROOT}.${context}.${command}`;
  return { one, all: `${one}.all`, control: `${one}.control`, everyReplica: `${one}.*` };
};

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { Cli } from './cli.js';
import { CommandGroup } from './command-group.js';
import { addConnectionOptions } from './connection/connection.options.js';
import { deadLetterCommands } from './dead-letters/dead-letter.commands.js';
import { groupCommands } from './groups/group.commands.js';
import { permissionCommands } from './permissions/permission.commands.js';
import { scheduleCommands } from './schedules/schedule.commands.js';

const GROUPS: readonly CommandGroup[] = [
  deadLetterCommands,
  groupCommands,
  scheduleCommands,
  permissionCommands,
];

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
};

const ENDING = `
Exit codes: 0 done · 1 failed · 2 wrong usage · 3 NATS unreachable · 4 not found · 130 interrupted`;

/** The whole command line. */
export const createProgram = (cli: Cli): Command => {
  const { out, err } = cli.ports;
  const program = new Command('millrace')
    .description('Looks after a running Millrace system over its NATS server.')
    .version(version())
    .option('--json', 'results as JSON, one object a line')
    .option('--no-color', 'no colours (NO_COLOR)')
    .addHelpText('after', ENDING)
    .showHelpAfterError('Add --help to see what there is.');
  addConnectionOptions(program);
  for (const add of GROUPS) add(program, cli);
  forAll(program, (command) => {
    command.exitOverride();
    command.configureHelp({ showGlobalOptions: true });
    command.configureOutput({
      writeOut: (text) => void out.write(text),
      writeErr: (text) => void err.write(text),
    });
  });
  return program;
};

const forAll = (command: Command, apply: (command: Command) => void): void => {
  apply(command);
  for (const each of command.commands) forAll(each, apply);
};

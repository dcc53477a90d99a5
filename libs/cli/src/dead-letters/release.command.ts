import { configInvalid } from '@millrace/core';
import { DeadLetters } from '@millrace/delivery';
import { CommandTask } from '../cli.js';
import { CommandGroup } from '../command-group.js';
import { ExitCode } from '../exit-code.js';
import { Flags } from '../flags.js';

export const releaseCommand: CommandGroup = (group, cli) => {
  const command = group
    .command('release')
    .description('lets a parked key of an ordered group go: replays its dead letters in order')
    .requiredOption('--context <context>', 'of its events')
    .requiredOption('--group <group>', 'that parked it')
    .requiredOption('--key <key>', 'that is parked');
  cli.connected(command, release);
};

const release: CommandTask = async ({ connection, output, flags }) => {
  const [context, group, key] = [
    required(flags, 'context'),
    required(flags, 'group'),
    required(flags, 'key'),
  ];
  const result = await new DeadLetters(connection).release({ context, group, key });
  if (output.isJson) output.json(result);
  else output.line(`${result.released} released.${result.parked ? ' The key is parked again.' : ''}`);
  return result.parked ? ExitCode.Failed : undefined;
};

const required = (flags: Flags, name: string): string => {
  const text = flags.text(name);
  if (text !== undefined) return text;
  throw configInvalid(`--${name} is missing`, `Give --${name}`);
};

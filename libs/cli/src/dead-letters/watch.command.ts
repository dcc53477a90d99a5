import { ErrorCode, MillraceError } from '@millrace/core';
import { DeadLetters } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { CommandTask } from '../cli.js';
import { printable } from '../output/printable.js';
import { addFilterOptions, readFilter } from './letter.filter.js';
import { hasDeadLetters } from './letter.selection.js';
import { letterJson } from './letter.view.js';

export const watchCommand: CommandGroup = (group, cli) => {
  const command = group
    .command('watch')
    .description('shows dead letters as they come, until Ctrl-C; those since --since first');
  cli.connected(addFilterOptions(command), watch);
};

const watch: CommandTask = async (session) => {
  const { connection, output, flags, signal } = session;
  const filter = readFilter(flags);
  if (!(await hasDeadLetters(session))) {
    throw new MillraceError(ErrorCode.ProvisionMissing, 'There is no stream of dead letters', {
      remedy: 'Check that this is the right server and account: the first subscriber makes the stream',
    });
  }
  output.note('Waiting for dead letters …');
  for await (const letter of new DeadLetters(connection).watch(filter, { signal })) {
    if (output.isJson) {
      output.json(letterJson(letter));
      continue;
    }
    const { id, deadAt, context, event, group, key, cause } = letter;
    const what = printable(`${context}.${event} ${key ?? '-'} (${group})`);
    const why = output.paint('red', printable(`${cause.code ?? cause.name}: ${cause.message}`));
    output.line(`${output.paint('dim', deadAt.toISOString())} ${id} ${what} ${why}`);
  }
  return undefined;
};

import { DeadLetters } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { Session } from '../cli.js';
import { ExitCode } from '../exit-code.js';
import { addFilterOptions, readFilter } from './letter.filter.js';
import { hasDeadLetters } from './letter.selection.js';
import { LetterRows } from './letter.rows.js';

export const lsCommand: CommandGroup = (group, cli) => {
  const command = group.command('ls').description('lists dead letters, oldest first');
  cli.connected(addFilterOptions(command), list);
};

const list = async (session: Session): Promise<ExitCode | undefined> => {
  const { connection, output, flags, signal } = session;
  const filter = readFilter(flags);
  const rows = new LetterRows(output);
  if (await hasDeadLetters(session)) {
    for await (const letter of new DeadLetters(connection).list(filter)) {
      if (signal.aborted) return ExitCode.Interrupted;
      rows.add(letter);
    }
  }
  rows.end();
  if (rows.count === 0) output.note('No dead letters.');
  return undefined;
};

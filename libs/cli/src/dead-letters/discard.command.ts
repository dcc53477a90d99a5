import { ErrorCode, MillraceError } from '@millrace/core';
import { DeadLetters } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { CommandTask } from '../cli.js';
import { ExitCode } from '../exit-code.js';
import { confirmed } from '../output/confirmation.js';
import { addFilterOptions } from './letter.filter.js';
import { writeLetters } from './letter.rows.js';
import { selectLetters } from './letter.selection.js';

export const discardCommand: CommandGroup = (group, cli) => {
  const command = group
    .command('discard')
    .argument('[id...]', 'as ls gives them')
    .description('deletes dead letters for good')
    .option('--all', 'all there are')
    .option('--dry-run', 'only say which')
    .option('--yes', 'do not ask');
  cli.connected(addFilterOptions(command), discard);
};

const discard: CommandTask = async (session, ids) => {
  const { connection, output, flags, signal } = session;
  const chosen = await selectLetters(session, ids);
  if (flags.isSet('dryRun')) {
    writeLetters(output, chosen);
    output.note(`${chosen.length} would be discarded.`);
    return undefined;
  }
  if (ids.length === 0 && chosen.length > 0 && !flags.isSet('yes')) {
    const agreed = await confirmed(output, `Delete ${chosen.length} dead letters for good?`, signal);
    if (!agreed) return ExitCode.Failed;
  }
  const letters = new DeadLetters(connection);
  let discarded = 0;
  for (const { id } of chosen) {
    if (signal.aborted) break;
    if (await discardOne(letters, id)) discarded++;
  }
  if (output.isJson) output.json({ discarded });
  else output.line(`${discarded} discarded.`);
  return signal.aborted ? ExitCode.Interrupted : undefined;
};

/** False where somebody else was quicker. */
const discardOne = async (letters: DeadLetters, id: string): Promise<boolean> => {
  try {
    await letters.discard(id);
    return true;
  } catch (error) {
    if (MillraceError.is(error, ErrorCode.DeadLetterUnknown)) return false;
    throw error;
  }
};

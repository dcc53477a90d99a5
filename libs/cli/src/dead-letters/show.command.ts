import { ErrorCode, MillraceError } from '@millrace/core';
import { DeadLetters } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { CommandTask } from '../cli.js';
import { selectLetters } from './letter.selection.js';
import { letterText, wholeLetterJson } from './letter.view.js';

export const showCommand: CommandGroup = (group, cli) => {
  cli.connected(
    group
      .command('show')
      .argument('<id...>', 'as ls gives them')
      .description('shows cause, headers and body of dead letters'),
    show,
  );
};

const EMPTY = new Uint8Array();

const show: CommandTask = async (session, ids) => {
  const { output, connection } = session;
  const letters = new DeadLetters(connection);
  for (const letter of await selectLetters(session, ids)) {
    const body = await letters.body(letter).catch((error: unknown) => {
      if (MillraceError.is(error, ErrorCode.DeadLetterBodyGone)) return undefined;
      throw error;
    });
    if (output.isJson) output.json(wholeLetterJson(letter, body ?? EMPTY));
    else output.line(`${letterText(letter, body, output)}\n`);
  }
  return undefined;
};

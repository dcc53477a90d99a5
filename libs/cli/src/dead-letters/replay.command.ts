import { configInvalid } from '@millrace/core';
import { DeadLetter, DeadLetters, replayEach } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { CommandTask, Session } from '../cli.js';
import { ExitCode } from '../exit-code.js';
import { editBody } from './body.editor.js';
import { addFilterOptions } from './letter.filter.js';
import { writeLetters } from './letter.rows.js';
import { selectLetters } from './letter.selection.js';
import { perSecondOf } from './rate.argument.js';
import { outcomeJson, ReplayReport } from './replay.report.js';

export const replayCommand: CommandGroup = (group, cli) => {
  const command = group
    .command('replay')
    .argument('[id...]', 'as ls gives them')
    .description('publishes events again, for the group that failed only')
    .option('--all', 'all there are')
    .option('--dry-run', 'only say which')
    .option('--rate <rate>', "at the most so many a second; '600/m' for a minute")
    .option('--edit', 'change the body first, in $VISUAL or $EDITOR; of one dead letter');
  cli.connected(addFilterOptions(command), replay);
};

const replay: CommandTask = async (session, ids) => {
  const { output, flags } = session;
  const perSecond = perSecondOf(flags.text('rate'));
  const chosen = await selectLetters(session, ids);
  if (flags.isSet('dryRun')) {
    writeLetters(output, chosen);
    output.note(`${chosen.length} would be replayed.`);
    return undefined;
  }
  return flags.isSet('edit') ? replayEdited(session, chosen) : replayAll(session, chosen, { perSecond });
};

const replayEdited = async (
  { output, connection, env, undisturbed }: Session,
  chosen: readonly DeadLetter[],
): Promise<ExitCode> => {
  const [letter, ...others] = chosen;
  if (!letter || others.length > 0) {
    throw configInvalid(`--edit with ${chosen.length} dead letters`, 'Name one by its id');
  }
  const letters = new DeadLetters(connection);
  const body = await letters.body(await letters.get(letter.id));
  const edited = await undisturbed(() => editBody(body, env));
  if (edited.kind === 'unchanged') {
    output.note('The body is as it was: nothing is replayed. Without --edit it would be.');
    return ExitCode.Failed;
  }
  const { stream, sequence } = await letters.replay(letter.id, { body: edited.body });
  edited.forget();
  if (output.isJson) output.json(outcomeJson({ kind: 'replayed', id: letter.id, stream, sequence }));
  else output.line(`${letter.id} replayed as ${stream} ${sequence}.`);
  return ExitCode.Done;
};

interface Pace {
  /** `undefined`: as fast as it goes. */
  perSecond: number | undefined;
}

const replayAll = async (
  { output, connection, signal }: Session,
  chosen: readonly DeadLetter[],
  { perSecond }: Pace,
): Promise<ExitCode> => {
  const report = new ReplayReport(output, chosen.length);
  const run = { clock: connection.clock, signal, ...(perSecond === undefined ? {} : { perSecond }) };
  const ids = chosen.map(({ id }) => id);
  try {
    for await (const done of replayEach(new DeadLetters(connection), ids, run)) report.add(done);
  } finally {
    report.end();
  }
  return report.exitCode;
};

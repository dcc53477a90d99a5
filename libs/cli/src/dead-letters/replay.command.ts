import { assertNever, configInvalid } from '@millrace/core';
import { DeadLetter, DeadLetters, replayEach } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { CommandTask, Session } from '../cli.js';
import { ExitCode } from '../exit-code.js';
import { editBody } from './body.editor.js';
import { addFilterOptions } from './letter.filter.js';
import { writeLetters } from './letter.rows.js';
import { selectLetters } from './letter.selection.js';
import { perSecondOf } from './rate.argument.js';

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
  if (flags.isSet('edit')) return replayEdited(session, chosen);
  if (flags.isSet('dryRun')) {
    writeLetters(output, chosen);
    output.note(`${chosen.length} would be replayed.`);
    return undefined;
  }
  return replayAll(session, chosen, perSecond);
};

const replayEdited = async (session: Session, chosen: readonly DeadLetter[]): Promise<ExitCode> => {
  const { output, connection, env } = session;
  const [letter, ...others] = chosen;
  if (!letter || others.length > 0) {
    throw configInvalid(`--edit with ${chosen.length} dead letters`, 'Name one by its id');
  }
  const letters = new DeadLetters(connection);
  const edited = await editBody(await letters.body(await letters.get(letter.id)), env);
  if (edited.kind === 'unchanged') {
    output.note('The body is as it was: nothing is replayed. Without --edit it would be.');
    return ExitCode.Failed;
  }
  const { stream, sequence } = await letters.replay(letter.id, { body: edited.body });
  edited.forget();
  if (output.isJson) output.json({ id: letter.id, outcome: 'replayed', stream, sequence });
  else output.line(`${letter.id} replayed as ${stream} ${sequence}.`);
  return ExitCode.Done;
};

interface Tally {
  replayed: number;
  gone: number;
  failed: number;
}

const replayAll = async (
  session: Session,
  chosen: readonly DeadLetter[],
  perSecond: number | undefined,
): Promise<ExitCode> => {
  const { output, connection, signal } = session;
  const tally: Tally = { replayed: 0, gone: 0, failed: 0 };
  const bar = output.progress(chosen.length);
  try {
    const run = { clock: connection.clock, signal, ...(perSecond === undefined ? {} : { perSecond }) };
    const ids = chosen.map(({ id }) => id);
    for await (const done of replayEach(new DeadLetters(connection), ids, run)) {
      bar.step();
      tally[done.kind]++;
      switch (done.kind) {
        case 'replayed':
          if (output.isJson) output.json({ outcome: done.kind, ...done, kind: undefined });
          break;
        case 'gone':
          if (output.isJson) output.json({ outcome: done.kind, id: done.id });
          break;
        case 'failed':
          if (output.isJson) output.json({ outcome: done.kind, id: done.id, error: done.error });
          else output.note(`${done.id}: ${done.error.message}`);
          break;
        default:
          assertNever(done);
      }
    }
  } finally {
    bar.stop();
    sumUp(session, chosen.length, tally);
  }
  if (signal.aborted) return ExitCode.Interrupted;
  return tally.failed > 0 ? ExitCode.Failed : ExitCode.Done;
};

const sumUp = ({ output }: Session, chosen: number, { replayed, gone, failed }: Tally): void => {
  const left = chosen - replayed - gone - failed;
  const parts = [
    `${replayed} replayed`,
    ...(gone > 0 ? [`${gone} gone meanwhile`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} left: run the same command again to go on`] : []),
  ];
  const text = `${parts.join(', ')}.`;
  if (output.isJson) output.note(text);
  else output.line(text);
};

import { CommandGroup } from '../command-group.js';
import { discardCommand } from './discard.command.js';
import { lsCommand } from './ls.command.js';
import { releaseCommand } from './release.command.js';
import { replayCommand } from './replay.command.js';
import { showCommand } from './show.command.js';
import { watchCommand } from './watch.command.js';

export const deadLetterCommands: CommandGroup = (program, cli) => {
  const group = program
    .command('dead-letters')
    .alias('dl')
    .description('what could not be handled: look at it, replay it, discard it');
  for (const add of [lsCommand, showCommand, replayCommand, releaseCommand, discardCommand, watchCommand])
    add(group, cli);
};

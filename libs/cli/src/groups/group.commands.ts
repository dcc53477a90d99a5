import { Command } from 'commander';
import { GroupConsumer, GroupFilter, Groups } from '@millrace/delivery';
import { CommandGroup } from '../command-group.js';
import { CommandTask } from '../cli.js';
import { Flags } from '../flags.js';
import { Output } from '../output/output.js';
import { Column, Table } from '../output/table.js';

export const groupCommands: CommandGroup = (program, cli) => {
  const group = program
    .command('groups')
    .description('who consumes: what waits for each group, and whether it is paused');
  cli.connected(
    withApp(group.command('ls').description('lists the consumers of all groups'))
      .option('--group <group>', 'those of a group')
      .option('--paused', 'those that are paused'),
    list,
  );
  cli.connected(
    withApp(group.command('pause').argument('<group...>')).description(
      'has the server deliver nothing more, until resumed; what replicas hold is finished',
    ),
    change((groups, name, filter) => groups.pause(name, filter)),
  );
  cli.connected(
    withApp(group.command('resume').argument('<group...>')).description('has the server deliver again'),
    change((groups, name, filter) => groups.resume(name, filter)),
  );
};

const withApp = (command: Command): Command =>
  command.option('--app <app>', 'of one application, where several have a group of that name');

const appFilter = (flags: Flags): Pick<GroupFilter, 'app'> => {
  const app = flags.text('app');
  return app === undefined ? {} : { app };
};

const list: CommandTask = async ({ connection, output, flags }) => {
  const group = flags.text('group');
  const found: GroupConsumer[] = [];
  const filter = { ...appFilter(flags), ...(group === undefined ? {} : { group }) };
  for await (const consumer of new Groups(connection).list(filter)) {
    if (consumer.paused || !flags.isSet('paused')) found.push(consumer);
  }
  write(output, found);
  if (found.length === 0) output.note('No groups.');
  return undefined;
};

type Change = (groups: Groups, name: string, filter: Pick<GroupFilter, 'app'>) => Promise<GroupConsumer[]>;

const change =
  (apply: Change): CommandTask =>
  async ({ connection, output, flags }, names) => {
    const groups = new Groups(connection);
    const changed: GroupConsumer[] = [];
    for (const name of names) changed.push(...(await apply(groups, name, appFilter(flags))));
    write(output, changed);
    return undefined;
  };

const COLUMNS: readonly Column<GroupConsumer>[] = [
  { title: 'GROUP', of: ({ group }) => group, max: 60 },
  { title: 'APP', of: ({ app }) => app ?? '-', max: 30 },
  { title: 'STREAM', of: ({ stream }) => stream, max: 40 },
  { title: 'STATE', of: ({ paused }) => (paused ? 'paused' : 'running'), max: 7 },
  { title: 'WAITING', of: ({ pending }) => String(pending), max: 12 },
  { title: 'UNSETTLED', of: ({ unsettled }) => String(unsettled), max: 12 },
];

const write = (output: Output, consumers: readonly GroupConsumer[]): void => {
  if (output.isJson) {
    for (const consumer of consumers) output.json(consumer);
    return;
  }
  if (consumers.length === 0) return;
  const table = new Table(COLUMNS, consumers);
  output.line(output.paint('bold', table.title));
  for (const consumer of consumers) output.line(table.line(consumer));
};

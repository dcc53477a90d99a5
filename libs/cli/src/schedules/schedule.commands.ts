import { openSchedules, Schedules } from '@millrace/schedule';
import { CommandGroup } from '../command-group.js';
import { CommandTask, Session } from '../cli.js';
import { historyRows, scheduleRows, scheduleText } from './schedule.view.js';
import { upcoming, upcomingRows } from './upcoming.js';

export const scheduleCommands: CommandGroup = (program, cli) => {
  const group = program
    .command('schedules')
    .description('what fires when: look at it, hold it back, trigger it');
  cli.connected(group.command('ls').description('lists schedules, by name'), withSchedules(list));
  cli.connected(
    group
      .command('show')
      .argument('<name>')
      .option('--last <count>', 'how many of its last occurrences', '10')
      .description('shows a schedule and its last occurrences'),
    withSchedules(show),
  );
  cli.connected(
    group
      .command('next')
      .argument('<name>')
      .option('--count <count>', 'how many', '5')
      .description('shows when it fires next, in local time and in its zone'),
    withSchedules(next),
  );
  for (const [name, description, act] of ACTIONS) {
    cli.connected(group.command(name).argument('<name>').description(description), withSchedules(act));
  }
};

type ScheduleTask = (schedules: Schedules, session: Session, name: string) => Promise<void>;

/** What exists is looked at; nothing is made. */
const withSchedules =
  (task: ScheduleTask): CommandTask =>
  async (session, [name = '']) => {
    const engine = await openSchedules(session.connection, { mode: 'bind' });
    try {
      await task(engine.schedules, session, name);
    } finally {
      await engine.close();
    }
    return undefined;
  };

const list: ScheduleTask = async (schedules, { output }) => {
  const all = await schedules.list();
  for (const line of scheduleRows(output, all)) output.line(line);
  if (all.length === 0) output.note('No schedules.');
};

const show: ScheduleTask = async (schedules, { output, flags }, name) => {
  const info = await schedules.get(name);
  const history = await schedules.history(name, { last: flags.count('last') ?? 10 });
  if (output.isJson) return output.json({ ...info, history });
  for (const line of scheduleText(info)) output.line(line);
  for (const line of historyRows(output, history)) output.line(line);
};

const next: ScheduleTask = async (schedules, { output, flags }, name) => {
  const found = upcoming(await schedules.get(name), flags.count('count') ?? 5);
  for (const line of upcomingRows(output, found)) output.line(line);
  if (found.length === 0) output.note('Nothing comes any more.');
};

const ACTIONS: readonly (readonly [name: string, description: string, act: ScheduleTask])[] = [
  [
    'pause',
    'holds a schedule back',
    async (schedules, { output }, name) => {
      const { state } = await schedules.pause(name);
      output.note(`${name} is ${state}.`);
    },
  ],
  [
    'resume',
    'lets it go on, with what comes next',
    async (schedules, { output }, name) => {
      const { state } = await schedules.resume(name);
      output.note(`${name} is ${state}.`);
    },
  ],
  [
    'trigger',
    'fires an occurrence now, beside the plan',
    async (schedules, { output }, name) => {
      const id = await schedules.trigger(name);
      if (output.isJson) output.json({ id });
      else output.line(id);
    },
  ],
  [
    'rm',
    'removes a schedule; what stands in code comes back with its application',
    async (schedules, { output }, name) => {
      await schedules.get(name);
      await schedules.remove(name);
      output.note(`${name} is removed.`);
    },
  ],
];

import { headers } from '@nats-io/transport-node';
import { MillraceConnection, openConnection, silentLog } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { nextOccurrences } from './next.occurrences.js';

const ZONES = ['UTC', 'Europe/Amsterdam', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];

let server: NatsServer;
let connection: MillraceConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await openConnection({ name: 'test', servers: server.url }, silentLog);
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** Expressions of many forms that all come at one instant. */
const expressionsAt = (at: Date, timeZone: string): string[] => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    weekday: 'short',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const time = `${part('second')} ${part('minute')} ${part('hour')}`;
  const [day, month, weekday] = [part('day'), part('month'), (parts.get('weekday') ?? '').toUpperCase()];
  return [
    `${time} * * *`,
    `${part('second')} ${part('minute')} * * * *`,
    `${time} ${day} * *`,
    `${time} * * ${weekday}`,
    `${time} ${day} ${month} *`,
    `${time} 1,${day} * *`,
    `${time} ${day} * MON`,
  ];
};

it("agrees with the server's own cron about what comes next", async () => {
  await connection.jsm.streams.add({ name: 'cron', subjects: ['cron.>'], allow_msg_schedules: true });
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 6000);
  const cases = ZONES.flatMap((zone) => expressionsAt(at, zone).map((expression) => ({ zone, expression })));
  await Promise.all(
    cases.map(({ zone, expression }, index) => {
      const schedule = headers();
      schedule.set('Nats-Schedule', expression);
      schedule.set('Nats-Schedule-Target', `cron.fired.${index}`);
      if (zone !== 'UTC') schedule.set('Nats-Schedule-Time-Zone', zone);
      return connection.js.publish(`cron.kept.${index}`, '', { headers: schedule });
    }),
  );
  const nextOf = async (index: number): Promise<number | undefined> => {
    const query = { last_by_subj: `cron.fired.${index}` };
    const message = await connection.jsm.streams.getMessage('cron', query).catch(() => null);
    return message ? Date.parse(message.header.get('Nats-Schedule-Next')) : undefined;
  };
  const fired = async (): Promise<number> => {
    const { state } = await connection.jsm.streams.info('cron', { subjects_filter: 'cron.fired.>' });
    return Object.keys(state.subjects ?? {}).length;
  };
  const deadline = performance.now() + 20_000;
  while ((await fired()) < cases.length && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (const [index, { zone, expression }] of cases.entries()) {
    const [ours] = nextOccurrences(expression, { count: 1, timeZone: zone, after: at });
    expect({ zone, expression, next: await nextOf(index) }).toEqual({
      zone,
      expression,
      next: ours?.getTime(),
    });
  }
}, 40_000);

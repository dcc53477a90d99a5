import { ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MillraceConnection, openConnection, silentLog } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { openSchedules, ScheduleEngine } from './schedule.engine.js';
import { ReportDue, Stored, storedIn, until } from './schedule.fixture.js';

// The longer drill: SCHEDULE_DRILL_SECONDS=300.
const SECONDS = Number(process.env['SCHEDULE_DRILL_SECONDS'] ?? 12);
const REPLICAS = 3;
const PROGRAM = fileURLToPath(new URL('../fixtures/timekeeper.mjs', import.meta.url));

/** One replica, and whether it leads. */
class Replica {
  leads = false;
  private readonly process: ChildProcess;

  constructor(url: string) {
    const options = JSON.stringify({ url, ttl: '2s', name: 'timekeeper' });
    this.process = fork(PROGRAM, [options], { execArgv: [], stdio: 'inherit' });
    this.process.on('message', (told) => {
      if ((told as { what: string }).what === 'leading') this.leads = true;
    });
  }

  kill(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.process.once('exit', () => resolve()));
    this.process.kill('SIGKILL');
    return ended;
  }
}

let server: NatsServer;
let connection: MillraceConnection;
let engine: ScheduleEngine;
const replicas: Replica[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  connection = await openConnection({ name: 'judge', servers: server.url }, silentLog);
  engine = await openSchedules(connection);
}, 30_000);
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.kill()));
  await engine.close();
  await connection.close();
  await server.stop();
}, 30_000);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const stored = (): Promise<Stored[]> => storedIn(connection, 'EVENTS_report', 'events.report.due.drill');
const timeOf = ({ headers }: Stored, header: string): number => Date.parse(headers[header] ?? '');

it(
  'stores every occurrence of every second once, while replicas and the server are killed at random',
  async () => {
    await engine.schedules.every('drill', '1s', ({ run }) => new ReportDue({ report: 'drill', run }), {
      misfire: 'all',
    });
    for (let at = 0; at < REPLICAS; at++) replicas.push(new Replica(server.url));
    await until('time is kept', async () => (await stored()).length >= 2, 30_000);
    const faults = { leaders: 0, others: 0, servers: 0 };
    const deadline = performance.now() + SECONDS * 1000;
    while (performance.now() < deadline) {
      const leader = replicas.findIndex(({ leads }) => leads);
      const round = faults.leaders + faults.others + faults.servers;
      if (round % 3 === 1) {
        await server.restart({ signal: 'SIGKILL' });
        faults.servers++;
      } else {
        const at = round % 3 === 0 && leader >= 0 ? leader : Math.floor(Math.random() * REPLICAS);
        faults[replicas[at]?.leads ? 'leaders' : 'others']++;
        await replicas[at]?.kill();
        replicas[at] = new Replica(server.url);
      }
      await pause(1000 + Math.random() * 3000);
    }
    const lastDue = Math.floor(Date.now() / 1000) * 1000;
    const isComplete = async (): Promise<boolean> =>
      timeOf(
        (await stored()).at(-1) ?? { headers: {}, body: {}, id: '', subject: '' },
        'Millrace-Scheduled-For',
      ) >= lastDue;
    await until('all that was due is stored', isComplete, 60_000);
    const occurrences = (await stored()).filter((one) => timeOf(one, 'Millrace-Scheduled-For') <= lastDue);
    const times = occurrences.map((one) => timeOf(one, 'Millrace-Scheduled-For'));
    const first = times[0] ?? 0;
    expect(times).toEqual(Array.from({ length: (lastDue - first) / 1000 + 1 }, (_, at) => first + at * 1000));
    expect(occurrences.map(({ body }) => body['run'])).toEqual(times.map((_, at) => at + 1));
    expect(faults.leaders + faults.others).toBeGreaterThan(0);
    expect(faults.servers).toBeGreaterThan(0);
    const late = occurrences
      .map((one) => timeOf(one, 'Millrace-Fired-At') - timeOf(one, 'Millrace-Scheduled-For'))
      .sort((one, other) => one - other);
    process.stdout.write(
      `${REPLICAS} replicas, ${SECONDS} s, ${JSON.stringify(faults)}: ${times.length} due, ${occurrences.length} stored, ` +
        `late p50 ${late[Math.floor(late.length / 2)]} ms, max ${late.at(-1)} ms\n`,
    );
  },
  SECONDS * 1000 + 120_000,
);

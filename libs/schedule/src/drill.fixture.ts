import { ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MillraceConnection, openConnection, silentLog } from '@millrace/core';
import { openSchedules, ScheduleEngine } from './schedule.engine.js';
import { ReportDue, Stored, storedIn, until } from './schedule.fixture.js';

const REPLICAS = 3;
const SECOND_MS = 1000;
const PROGRAM = fileURLToPath(new URL('../fixtures/timekeeper.mjs', import.meta.url));

/** The servers that a drill is on. */
export interface DrillServers {
  url: string;
  /** Of each stream. */
  replicas: number;
  /** Kills one of them, and has it back. */
  hurt: () => Promise<void>;
}

/** What a drill came to. Times are milliseconds since the epoch. */
export interface DrillOutcome {
  faults: { leaders: number; others: number; servers: number };
  /** Every second from the first that was stored to the last that was due. */
  due: number[];
  /** What is stored of them, in order, and the number of its run. */
  stored: number[];
  runs: unknown[];
  /** How late each was fired, sorted. */
  late: number[];
}

/** One replica, and whether it leads. */
class Replica {
  leads = false;
  private readonly process: ChildProcess;

  constructor({ url, replicas }: DrillServers) {
    const options = JSON.stringify({ url, replicas, ttl: '2s', name: 'timekeeper' });
    this.process = fork(PROGRAM, [options], { execArgv: [], stdio: 'inherit' });
    this.process.on('message', (told) => {
      if ((told as { what: string }).what === 'leading') this.leads = true;
    });
  }

  /** Whether it died by itself. */
  get isGone(): boolean {
    return this.process.exitCode !== null;
  }

  async kill(): Promise<void> {
    if (this.isGone) return;
    const ended = new Promise<void>((resolve) => this.process.once('exit', () => resolve()));
    this.process.kill('SIGKILL');
    await ended;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const timeOf = ({ headers }: Stored, header: string): number => Date.parse(headers[header] ?? '');
const scheduledFor = (stored: Stored): number => timeOf(stored, 'Millrace-Scheduled-For');

/**
 * Three processes keep time for a schedule of every second, while the one that leads, a server and any of the
 * processes are killed with SIGKILL in turn.
 */
export class Drill {
  private readonly replicas: Replica[] = [];
  private readonly faults = { leaders: 0, others: 0, servers: 0 };

  private constructor(
    private readonly servers: DrillServers,
    readonly connection: MillraceConnection,
    private readonly engine: ScheduleEngine,
  ) {}

  static async open(servers: DrillServers): Promise<Drill> {
    const connection = await openConnection({ name: 'judge', servers: servers.url }, silentLog);
    const { replicas } = servers;
    const engine = await openSchedules(connection, { replicas, contexts: { '*': { replicas } } });
    return new Drill(servers, connection, engine);
  }

  async run(seconds: number, recoveryMs: number): Promise<DrillOutcome> {
    await this.engine.schedules.every('drill', '1s', ({ run }) => new ReportDue({ report: 'drill', run }), {
      misfire: 'all',
    });
    for (let at = 0; at < REPLICAS; at++) this.replicas.push(new Replica(this.servers));
    await until('time is kept', async () => (await this.stored()).length >= 2, 60_000);
    const deadline = performance.now() + seconds * SECOND_MS;
    for (let round = 0; performance.now() < deadline; round++) {
      await this.fault(round);
      await pause(1000 + Math.random() * 3000);
    }
    const lastDue = Math.floor(Date.now() / SECOND_MS) * SECOND_MS;
    const isComplete = async (): Promise<boolean> => {
      const last = (await this.stored()).at(-1);
      return last !== undefined && scheduledFor(last) >= lastDue;
    };
    await until('all that was due is stored', isComplete, recoveryMs);
    return this.outcome(lastDue);
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.kill()));
    await this.engine.close();
    await this.connection.close();
  }

  private async fault(round: number): Promise<void> {
    if (round % 3 === 1) {
      await this.servers.hurt();
      this.faults.servers++;
      return;
    }
    const leader = this.replicas.findIndex(({ leads, isGone }) => leads && !isGone);
    const at = round % 3 === 0 && leader >= 0 ? leader : Math.floor(Math.random() * REPLICAS);
    this.faults[this.replicas[at]?.leads ? 'leaders' : 'others']++;
    await this.replicas[at]?.kill();
    this.replicas[at] = new Replica(this.servers);
  }

  private async outcome(lastDue: number): Promise<DrillOutcome> {
    const occurrences = (await this.stored()).filter((one) => scheduledFor(one) <= lastDue);
    const stored = occurrences.map(scheduledFor);
    const first = stored[0] ?? lastDue;
    return {
      faults: this.faults,
      due: Array.from({ length: (lastDue - first) / SECOND_MS + 1 }, (_, at) => first + at * SECOND_MS),
      stored,
      runs: occurrences.map(({ body }) => body['run']),
      late: occurrences
        .map((one) => timeOf(one, 'Millrace-Fired-At') - scheduledFor(one))
        .sort((one, other) => one - other),
    };
  }

  // A stream that elects a leader leaves the question without an answer.
  private async stored(): Promise<Stored[]> {
    try {
      return await storedIn(this.connection, 'EVENTS_report', 'events.report.due.drill');
    } catch {
      return [];
    }
  }
}

/** Judges a drill, and tells what it came to. */
export const judge = (outcome: DrillOutcome, what: string): void => {
  const { faults, due, stored, runs, late } = outcome;
  expect(stored).toEqual(due);
  expect(runs).toEqual(due.map((_, at) => at + 1));
  expect(faults.leaders + faults.others).toBeGreaterThan(0);
  expect(faults.servers).toBeGreaterThan(0);
  process.stdout.write(
    `${REPLICAS} replicas, ${what}, ${JSON.stringify(faults)}: ${due.length} due, ${stored.length} stored, ` +
      `late p50 ${late[Math.floor(late.length / 2)]} ms, max ${late.at(-1)} ms\n`,
  );
};

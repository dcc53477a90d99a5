import { ChildProcess, fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IsInt } from 'class-validator';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, startApp, until } from './commands.fixture.js';
import { Command, CommandBus, TaskHandle } from './index.js';

// The longer drill: COMMAND_DRILL_TASKS=10000 COMMAND_DRILL_KILL_MS=2000.
const TASKS = Number(process.env['COMMAND_DRILL_TASKS'] ?? 1000);
const KILL_MS = Number(process.env['COMMAND_DRILL_KILL_MS'] ?? 1000);
// On a busy machine a worker takes seconds to start: were they killed without end, nothing would get done.
const KILLS = Math.ceil(TASKS / 200);
const WORKERS = 3;
const DISPATCHES = 250;
const TIMEOUT_MS = 60_000 + TASKS * 60;

@Command('drill.square')
class Square {
  @IsInt() n!: number;
}

let server: NatsServer;
const workers = new Set<ChildProcess>();

const endWorkers = async (): Promise<void> => {
  for (const worker of workers) worker.kill('SIGKILL');
  await until('the workers end', () =>
    [...workers].every(({ exitCode, signalCode }) => exitCode ?? signalCode),
  );
};

beforeAll(async () => void (server = await startNatsServer()));
afterEach(async () => {
  await endWorkers();
  await closeApps();
}, 20_000);
afterAll(() => server.stop());

const startWorker = (): ChildProcess => {
  const path = fileURLToPath(new URL('../fixtures/worker.mjs', import.meta.url));
  const options = { url: server.url, type: 'drill.square', workMs: 60, ackWait: '2s', concurrency: 8 };
  const worker = fork(path, [JSON.stringify(options)], { execArgv: [], stdio: 'inherit' });
  worker.on('message', () => working.add(worker));
  workers.add(worker);
  return worker;
};
const working = new Set<ChildProcess>();

/** A bounded number at once: a publish gives up where its turn does not come in time. */
const dispatchAll = async (bus: CommandBus, handles: TaskHandle[]): Promise<void> => {
  for (let first = 0; first < TASKS; first += DISPATCHES) {
    const count = Math.min(DISPATCHES, TASKS - first);
    const batch = Array.from({ length: count }, (_, at) => Object.assign(new Square(), { n: first + at }));
    handles.push(...(await Promise.all(batch.map((square) => bus.dispatch(square)))));
  }
};

/** How often each key was told of. */
const tally = () => {
  const counts = new Map<string, number>();
  return { counts, add: (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1) };
};

it(
  'has every task done, and its result stored once, by workers that are killed at random',
  async () => {
    const { bus, connection } = await startApp({ url: server.url });
    const [stored, ran] = [tally(), tally()];
    // The server tells of what it has stored, and of nothing else.
    connection.nc.subscribe('command-news.result.*', {
      callback: (_, { subject }) => void stored.add(subject.split('.')[2] ?? ''),
    });
    connection.nc.subscribe('drill.ran', { callback: (_, message) => void ran.add(message.string()) });
    const crew = Array.from({ length: WORKERS }, startWorker);
    await until('they work', () => working.size === WORKERS, 60_000);

    const began = performance.now();
    const handles: TaskHandle[] = [];
    const dispatching = dispatchAll(bus, handles);
    let kills = 0;
    while (stored.counts.size < TASKS && performance.now() - began < TIMEOUT_MS - 20_000) {
      await pause(KILL_MS);
      const at = Math.floor(Math.random() * WORKERS);
      // One that has not begun yet would be killed in vain.
      if (kills === KILLS || !working.has(crew[at]!)) continue;
      crew[at]!.kill('SIGKILL');
      crew[at] = startWorker();
      kills++;
    }
    await dispatching;
    const seconds = (performance.now() - began) / 1000;
    const results = (await Promise.all(handles.map((handle) => handle.result({ timeout: '30s' })))) as {
      square: number;
    }[];
    const runs = [...ran.counts.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `${TASKS} tasks, ${WORKERS} workers, ${kills} kills, ${seconds.toFixed(1)} s: ` +
        `${stored.counts.size} results, ${runs} runs\n`,
    );
    expect(results.map(({ square }) => square)).toEqual(Array.from({ length: TASKS }, (_, n) => n * n));
    expect([...stored.counts.values()].every((count) => count === 1)).toBe(true);
    expect(stored.counts.size).toBe(TASKS);
    expect(kills).toBeGreaterThan(1);
    await until('the queue is empty', async () => {
      const { state } = await connection.jsm.streams.info('COMMAND_TASKS');
      return state.messages === 0;
    });
  },
  TIMEOUT_MS,
);

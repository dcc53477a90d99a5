import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MillraceConnection } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { Books, outcomeOf, sequentialOutcome, work } from './crash.fixture.js';
import { Cut, CuttingProxy } from './cutting-proxy.fixture.js';
import { handling } from './handling.fixture.js';
import { seededRandom } from './random.fixture.js';
import { connectTo, Counter, deleteStreams, openBucket, Profile, until } from './storage.fixture.js';

// The longer drill: CRASH_PASSES=40 CRASH_KILLS=1000 CRASH_SEED=7.
const PASSES = Number(process.env['CRASH_PASSES'] ?? 1);
const KILLS = Number(process.env['CRASH_KILLS'] ?? 6);
const SEED = Number(process.env['CRASH_SEED'] ?? 1);
const AT_ONCE = 4;
/** Past the longest handling. */
const ENOUGH_FRAMES = 200;
const STREAM = 'WORK';
const STEPS = 5;

let server: NatsServer;
let connection: MillraceConnection;
let books: Books;
let messages: number;
let crashes: number;
const dead: Promise<unknown>[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url, { publish: { deadline: '20s' } });
});

afterAll(async () => {
  await Promise.allSettled(dead);
  await connection.close();
  await server.stop();
});

const openBooks = async (over: MillraceConnection): Promise<Books> => ({
  counters: await openBucket(over, Counter),
  profiles: await openBucket(over, Profile),
});

/** Handles a message in what stands for a process that dies at `cut`. Whether it did before it was done. */
const dies = async (n: number, attempt: number, cut: Cut): Promise<boolean> => {
  const proxy = await CuttingProxy.before(server.url);
  const doomed = await connectTo(proxy.url, { publish: { deadline: '10s' } });
  const its = await openBooks(doomed);
  proxy.arm(cut);
  const done = handling({ id: `m${n}`, attempt }, () => work(its, n)).then(
    () => false,
    () => true,
  );
  const died = await Promise.race([done, proxy.cut.then(() => true)]);
  proxy.stop();
  // What it still waits for is nobody's concern: the next one begins at once.
  await doomed.nc.close();
  dead.push(done, doomed.close());
  return died;
};

/** Handles a message that dies at every one of `cuts`, and then once more to the end. Whether all of them came. */
const handleThrough = async (n: number, cuts: readonly Cut[]): Promise<boolean> => {
  let attempt = 1;
  for (const cut of cuts) {
    if (!(await dies(n, attempt, cut))) break;
    crashes++;
    attempt++;
  }
  await handling({ id: `m${n}`, attempt }, () => work(books, n));
  return attempt > cuts.length;
};

/** Where a process is to die. */
interface Fate {
  message: number;
  step: number;
  delayMs?: number;
}

// Half of them die between two steps, the others within the next few milliseconds.
const fateOf = (random: () => number): Fate => ({
  message: 1 + Math.floor(random() * 6),
  step: Math.floor(random() * STEPS),
  ...(random() < 0.5 ? {} : { delayMs: Math.floor(random() * 12) }),
});

const startCommitter = async (fate?: Fate) => {
  const program = fileURLToPath(new URL('../fixtures/committer.mjs', import.meta.url));
  const told = JSON.stringify({ url: server.url, stream: STREAM, fate });
  const child = fork(program, [told], { execArgv: [], stdio: 'inherit' });
  const exited = once(child, 'exit').then(([code, signal]) => (signal ?? code) as string | number);
  await Promise.race([once(child, 'message'), exited]);
  return { child, exited };
};

const publish = async (count: number): Promise<void> => {
  const from = messages;
  messages += count;
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      connection.js.publish(`${STREAM}.m`, String(from + at), { msgID: `w${from + at}` }),
    ),
  );
};

const settled = (): Promise<true> =>
  until(
    'every message is settled',
    async () => {
      const info = await connection.jsm.consumers.info(STREAM, 'committers');
      return info.num_pending === 0 && info.num_ack_pending === 0 ? true : undefined;
    },
    60_000,
  );

describe('a handler that commits', () => {
  beforeEach(() => deleteStreams(connection));

  it(
    'has its effects once, wherever it dies, and however often',
    async () => {
      books = await openBooks(connection);
      messages = 0;
      crashes = 0;
      let boundaries = 0;
      for (let pass = 0; pass < PASSES; pass++) {
        let next = 0;
        let past = false;
        // Each dies at a boundary of its own, all on the same keys; then again, at another.
        const handler = async (): Promise<void> => {
          while (!past && next < ENOUGH_FRAMES) {
            const frames = next++;
            for (const half of [false, true]) {
              const again = { frames: (frames * 7 + pass * 3) % (frames + 1), half: !half };
              past ||= !(await handleThrough(messages++, [{ frames, half }, again])) && frames > 20;
            }
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, handler));
        boundaries = Math.max(boundaries, next);
      }
      const outcome = await outcomeOf(connection, books);
      process.stdout.write(
        `${crashes} deaths at ${boundaries} boundaries between and within frames, ${messages} messages\n`,
      );
      expect(outcome).toEqual(sequentialOutcome(messages));
      expect(crashes).toBeGreaterThan(40 * PASSES);
    },
    60_000 + PASSES * 60_000,
  );

  it(
    'has its effects once where its process is killed, again and again',
    async () => {
      books = await openBooks(connection);
      await connection.jsm.streams.add({ name: STREAM, subjects: [`${STREAM}.>`] });
      const random = seededRandom(SEED);
      messages = 0;
      let kills = 0;
      const replica = async (): Promise<void> => {
        while (kills < KILLS) {
          kills++;
          const fate = fateOf(random);
          await publish(4);
          const { exited } = await startCommitter(fate);
          expect(await exited).toBe('SIGKILL');
        }
      };
      await Promise.all([replica(), replica()]);
      const last = await startCommitter();
      await settled();
      last.child.kill('SIGKILL');
      await last.exited;
      process.stdout.write(`${kills} processes killed, ${messages} messages, seed ${SEED}\n`);
      expect(await outcomeOf(connection, books)).toEqual(sequentialOutcome(messages));
    },
    120_000 + KILLS * 10_000,
  );
});

import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { probe } from '../process/probe.js';
import { findRedis, NO_REDIS, RedisServer, startRedis } from '../redis/redis.server.js';
import { Row, rowsOf, Unit } from '../row.js';
import { Suite } from '../suite.js';
import { mostWhile } from './resident.set.js';
import { Outcome, Work } from './work.js';

const MILLRACE = 'Millrace';
const BULLMQ = 'BullMQ';

/** One kind of work: how many pieces of the suite's count, and how fast they come due. */
interface Kind {
  readonly kind: 'delays' | 'schedules';
  readonly name: string;
  readonly share: number;
  readonly duePerSecond: number;
  /** How fast they should be made at least: none comes due before it is, then. */
  readonly madePerSecond: number;
}

const KINDS: readonly Kind[] = [
  { kind: 'delays', name: 'one-off delays', share: 1, duePerSecond: 2000, madePerSecond: 200 },
  { kind: 'schedules', name: 'schedules', share: 0.1, duePerSecond: 400, madePerSecond: 100 },
];
const LEAST_MS = 2000;

interface Measured extends Outcome {
  readonly serverMiB: number;
}

const FIGURES: readonly { what: string; unit: Unit; of: (measured: Measured) => number }[] = [
  { what: 'made', unit: 'per second', of: ({ madePerSecond }) => madePerSecond },
  { what: 'late', unit: 'ms, p50', of: ({ p50 }) => p50 },
  { what: 'late', unit: 'ms, p99', of: ({ p99 }) => p99 },
  { what: 'late', unit: 'ms, max', of: ({ max }) => max },
  { what: 'missing, or twice', unit: 'violations', of: ({ wrong }) => wrong },
  { what: 'memory of the process', unit: 'MiB', of: ({ processMiB }) => processMiB },
  { what: 'memory of the server', unit: 'MiB', of: ({ serverMiB }) => serverMiB },
];

const workOf = ({ share, duePerSecond, madePerSecond }: Kind, total: number): Work => {
  const count = Math.ceil(total * share);
  return {
    count,
    leadMs: Math.max(LEAST_MS, (count * 1000) / madePerSecond),
    windowMs: Math.max(LEAST_MS, (count * 1000) / duePerSecond),
  };
};

/** Each kind on a server of its own: what an earlier one left would be in the memory of the next. */
const measureOn = async (
  start: () => Promise<RedisServer | NatsServer>,
  name: string,
  work: Work,
): Promise<Measured> => {
  const server = await start();
  try {
    const run = (): Promise<Outcome> =>
      probe<Outcome>('schedule/timekeeper', name, server.url, JSON.stringify(work));
    const [outcome, serverMiB] = await mostWhile(server.pid, run);
    return { ...outcome, serverMiB };
  } finally {
    await server.stop();
  }
};

const rowsFor = ({ name }: Kind, measured: ReadonlyMap<string, Measured>): Row[] =>
  FIGURES.flatMap(({ what, unit, of }) =>
    rowsOf(
      { suite: 'schedule', case: `${name}: ${what}`, unit, reference: MILLRACE },
      new Map([...measured].map(([contender, own]) => [contender, [of(own)]])),
    ),
  );

/** Things that happen at a time of their own: how fast they are made, how late they come, and what they cost to keep. */
export const schedule: Suite = {
  name: 'schedule',
  setting:
    'one round, each contender in a process and on a server of its own that writes to a file; due at random, 2000 delays or 400 schedules a second; a tenth as many schedules as delays; --count 100000 for the target',
  count: 10_000,
  run: async ({ count }) => {
    const redis = await findRedis();
    if (redis === undefined) console.log(NO_REDIS);
    const rows: Row[] = [];
    for (const kind of KINDS) {
      const work = workOf(kind, count);
      const measured = new Map<string, Measured>();
      measured.set(MILLRACE, await measureOn(() => startNatsServer(), `millrace ${kind.kind}`, work));
      if (redis !== undefined) {
        measured.set(BULLMQ, await measureOn(() => startRedis(redis), `bullmq ${kind.kind}`, work));
      }
      rows.push(...rowsFor(kind, measured));
    }
    return rows;
  },
};

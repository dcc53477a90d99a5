import { measure, measureLatency } from '../measure.js';
import { Opening, withContenders } from '../process/contender.process.js';
import { findRedis, NO_REDIS, startRedis } from '../redis/redis.server.js';
import { Row } from '../row.js';
import { Bench, Suite } from '../suite.js';
import { EventsContender, PipeName, WorkloadName } from './contenders.js';
import { purgeStreams } from './raw.stream.js';

const PROGRAM = new URL('./events.contender.js', import.meta.url);

/** A backlog is worked off quickly: more of it tells more. */
const BACKLOG = 10;
const LATENCY_SHARE = 0.1;
const DURABLE: readonly PipeName[] = ['limit', 'limit with headers', 'plain', 'millrace'];

type Entry = readonly [pipe: PipeName, workload: WorkloadName];

interface EventsCase {
  readonly name: string;
  readonly kind: EventsContender['kind'];
  readonly entries: readonly Entry[];
  /** Of the suite's count. */
  readonly share?: number;
  /** The same as another case, with other events. */
  readonly repeats?: boolean;
}

const each = (workload: WorkloadName, pipes = DURABLE): Entry[] => pipes.map((pipe) => [pipe, workload]);

const CASES: readonly EventsCase[] = [
  {
    name: 'publish + handle, 128 B',
    kind: 'publish and handle',
    entries: each('small', [...DURABLE, 'nest', 'bullmq']),
    repeats: true,
  },
  {
    name: 'publish + handle, 1 KiB',
    kind: 'publish and handle',
    entries: [...each('large'), ['millrace unchecked', 'unchecked'], ...each('large', ['nest', 'bullmq'])],
  },
  { name: 'publish only, 128 B', kind: 'publish only', entries: each('small') },
  { name: 'publish only, 1 KiB', kind: 'publish only', entries: each('large'), repeats: true },
  {
    name: 'handle only, a backlog of 128 B',
    kind: 'handle only',
    entries: each('small'),
    share: BACKLOG,
  },
  {
    name: 'publish to handle at 1,000/s, 128 B',
    kind: 'latency',
    entries: each('small', ['limit', 'plain', 'millrace']),
    share: LATENCY_SHARE,
  },
];

/** Without a Redis nobody takes part who needs one. */
const openingsOf = ({ kind, entries }: EventsCase, nats: string, redis: string | undefined): Opening[] =>
  entries.flatMap(([pipe, workload]) => {
    const url = pipe === 'bullmq' ? redis : nats;
    const contender: EventsContender = { kind, pipe, workload };
    return url === undefined ? [] : [{ program: PROGRAM, url, args: [JSON.stringify(contender)] }];
  });

const measureAll = async (bench: Bench, redis: string | undefined): Promise<Row[]> => {
  const { url, rounds, brief } = bench;
  const rows: Row[] = [];
  for (const one of brief ? CASES.filter(({ repeats }) => !repeats) : CASES) {
    const { name, kind, share = 1 } = one;
    const take = kind === 'latency' ? measureLatency : measure;
    const size = { rounds, count: Math.ceil(bench.count * share) };
    await purgeStreams(url);
    rows.push(
      ...(await withContenders(openingsOf(one, url, redis), (contenders) =>
        take({ suite: 'events', name, contenders }, size),
      )),
    );
  }
  return rows;
};

/** Events from publisher to handler, both in one process. */
export const events: Suite = {
  name: 'events',
  setting:
    'each contender in a process of its own, 1024 in flight (js.publish: 256), keys of their own, file storage, one replica',
  count: 20_000,
  run: async (bench) => {
    const program = await findRedis();
    if (program === undefined) console.log(NO_REDIS);
    const redis = program === undefined ? undefined : await startRedis(program);
    try {
      return await measureAll(bench, redis?.url);
    } finally {
      await redis?.stop();
    }
  },
};

import { measure, measureLatency } from '../measure.js';
import { Opening, withContenders } from '../process/contender.process.js';
import { findRedis, NO_REDIS, startRedis } from '../redis/redis.server.js';
import { Row } from '../row.js';
import { Bench, Suite } from '../suite.js';
import { EventsWork, PipeName, WorkloadName } from './contenders.js';
import { hasPeers, NO_PEERS, PEER_PROGRAM, PeerName, PEERS } from './peers.js';
import { purgeStreams } from './raw.stream.js';

const PROGRAM = new URL('./events.contender.js', import.meta.url);

/** A backlog is worked off quickly: more of it tells more. */
const BACKLOG = 10;
const LATENCY_SHARE = 0.1;
const DURABLE: readonly PipeName[] = ['limit', 'limit with headers', 'plain', 'millrace'];

type Entry = readonly [pipe: PipeName | PeerName, workload: WorkloadName];

interface EventsCase {
  readonly name: string;
  readonly kind: EventsWork['kind'];
  readonly entries: readonly Entry[];
  /** Of the suite's count. */
  readonly share?: number;
  /** The same as another case, with other events. */
  readonly repeats?: boolean;
}

const each = (workload: WorkloadName, pipes: readonly Entry[0][] = DURABLE): Entry[] =>
  pipes.map((pipe) => [pipe, workload]);

const CASES: readonly EventsCase[] = [
  {
    name: 'publish + handle, 128 B',
    kind: 'publish and handle',
    entries: each('small', [...DURABLE, 'nest', ...PEERS, 'bullmq']),
    repeats: true,
  },
  {
    name: 'publish + handle, 1 KiB',
    kind: 'publish and handle',
    entries: [
      ...each('large'),
      ['millrace unchecked', 'unchecked'],
      ...each('large', ['nest', ...PEERS, 'bullmq']),
    ],
  },
  {
    name: 'publish only, 128 B',
    kind: 'publish only',
    entries: [...each('small'), ['limit with an id', 'small']],
  },
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

/** Where contenders find what they need: those who do not find it take no part. */
interface Found {
  readonly nats: string;
  readonly redis: string | undefined;
  readonly peers: boolean;
}

const isPeer = (pipe: Entry[0]): pipe is PeerName => PEERS.some((peer) => peer === pipe);

const openingsOf = ({ kind, entries }: EventsCase, { nats, redis, peers }: Found): Opening[] =>
  entries.flatMap(([pipe, workload]) => {
    const url = pipe === 'bullmq' ? redis : nats;
    if (url === undefined || (isPeer(pipe) && !peers)) return [];
    const program = isPeer(pipe) ? PEER_PROGRAM : PROGRAM;
    return [{ program, url, args: [JSON.stringify({ kind, pipe, workload })] }];
  });

const measureAll = async (bench: Bench, found: Found): Promise<Row[]> => {
  const { url, rounds, brief } = bench;
  const rows: Row[] = [];
  for (const one of brief ? CASES.filter(({ repeats }) => !repeats) : CASES) {
    const { name, kind, share = 1 } = one;
    const take = kind === 'latency' ? measureLatency : measure;
    const size = { rounds, count: Math.ceil(bench.count * share) };
    await purgeStreams(url);
    rows.push(
      ...(await withContenders(openingsOf(one, found), (contenders) =>
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
    const peers = hasPeers();
    if (!peers) console.log(NO_PEERS);
    const redis = program === undefined ? undefined : await startRedis(program);
    try {
      return await measureAll(bench, { nats: bench.url, redis: redis?.url, peers });
    } finally {
      await redis?.stop();
    }
  },
};

import { measure, measureLatency, Size } from '../measure.js';
import { Opening, withContenders } from '../process/contender.process.js';
import { findRedis, NO_REDIS, startRedis } from '../redis/redis.server.js';
import { Row } from '../row.js';
import { Suite } from '../suite.js';
import { EventsContender, PipeName, WorkloadName } from './contenders.js';
import { purgeStreams } from './raw.stream.js';

type Kind = EventsContender['kind'];

/** A backlog is worked off quickly: more of it tells more. */
const BACKLOG = 10;
const LATENCY_SHARE = 0.1;
const DURABLE: readonly PipeName[] = ['limit', 'limit with headers', 'plain', 'millrace'];

const opening = (url: string, contender: EventsContender): Opening => ({
  program: 'events/events',
  url,
  args: [JSON.stringify(contender)],
});

/** Those on the nats-server that do the same. */
const onNats = (url: string, kind: Kind, workload: WorkloadName, pipes = DURABLE): Opening[] =>
  pipes.map((pipe) => opening(url, { kind, pipe, workload }));

interface Compared {
  readonly name: string;
  readonly openings: readonly Opening[];
}

/** Events from publisher to handler, both in one process. */
export const events: Suite = {
  name: 'events',
  setting:
    'each contender in a process of its own, 1024 in flight (js.publish: 256), keys of their own, file storage, one replica',
  count: 20_000,
  run: async ({ url, ...size }) => {
    const compare = async ({ name, openings }: Compared, count = size.count): Promise<Row[]> => {
      await purgeStreams(url);
      return withContenders(openings, (contenders) =>
        measure({ suite: 'events', name, contenders }, { ...size, count }),
      );
    };
    const rows = await bothWays(url, compare);
    for (const [name, workload] of [
      ['publish only, 128 B', 'small'],
      ['publish only, 1 KiB', 'large'],
    ] as const) {
      rows.push(...(await compare({ name, openings: onNats(url, 'publish only', workload) })));
    }
    const backlog = {
      name: 'handle only, a backlog of 128 B',
      openings: onNats(url, 'handle only', 'small'),
    };
    rows.push(...(await compare(backlog, size.count * BACKLOG)));
    return [...rows, ...(await latencies(url, size))];
  },
};

/** Publish and handle: the only cases in which those without streams take part. */
const bothWays = async (url: string, compare: (compared: Compared) => Promise<Row[]>): Promise<Row[]> => {
  const kind = 'publish and handle';
  const program = await findRedis();
  if (program === undefined) console.log(NO_REDIS);
  const redis = program === undefined ? undefined : await startRedis(program);
  const bullmq = (workload: WorkloadName): Opening[] =>
    redis ? [opening(redis.url, { kind, pipe: 'bullmq', workload })] : [];
  try {
    const small = [...onNats(url, kind, 'small', [...DURABLE, 'nest']), ...bullmq('small')];
    const large = [
      ...onNats(url, kind, 'large'),
      opening(url, { kind, pipe: 'millrace unchecked', workload: 'unchecked' }),
      opening(url, { kind, pipe: 'nest', workload: 'large' }),
      ...bullmq('large'),
    ];
    return [
      ...(await compare({ name: 'publish + handle, 128 B', openings: small })),
      ...(await compare({ name: 'publish + handle, 1 KiB', openings: large })),
    ];
  } finally {
    await redis?.stop();
  }
};

const latencies = async (url: string, { rounds, count }: Size): Promise<Row[]> => {
  await purgeStreams(url);
  const openings = onNats(url, 'latency', 'small', ['limit', 'plain', 'millrace']);
  const name = 'publish to handle at 1,000/s, 128 B';
  return withContenders(openings, (contenders) =>
    measureLatency(
      { suite: 'events', name, contenders },
      { rounds, count: Math.ceil(count * LATENCY_SHARE) },
    ),
  );
};
